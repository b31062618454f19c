import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AliasEntity } from '../aliases/alias.entity';
import type { AuditEntry } from '../audit/audit-log';
import { AuditedChange, type Conflicts } from '../audit/audited-change';
import { invalidInput } from '../common/checked-input';
import { CLOCK, type Clock } from '../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { mergePatch, withoutAbsent } from '../common/settings';
import { Verifier } from '../keys/verifier';
import { newRaAccountPassword, raAccountPasswordContext } from './ra-account-password';
import { RA_ACCOUNT_ALIASES_ALIAS_KEY, RaAccountAliasEntity, RaAccountEntity } from './ra-account.entity';
import type { NewRaAccountInput, RaAccountInput } from './ra-account.input';

/** An account as administrators see it. */
export interface RaAccount {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  /** Names of the aliases whose challenges it may fetch, in alphabetical order. */
  readonly aliases: readonly string[];
  /** When somebody last logged in with it; null: never. */
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An account with a password that was just made: this is the only time that it is seen. */
export interface RaAccountWithPassword extends RaAccount {
  readonly password: string;
}

const CONFLICTS: Conflicts = {
  ra_accounts_name_key: () => new ServiceError('already-exists', 'there is already an RA account of that name'),
  [RA_ACCOUNT_ALIASES_ALIAS_KEY]: () =>
    new ServiceError('conflict', 'an alias was removed meanwhile: look at what there is and try again'),
};

type Settings = Pick<RaAccount, 'description' | 'enabled' | 'aliases'>;

/** What administrators do with RA accounts. */
@Injectable()
export class RaAccountService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly verifier: Verifier,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /** At most `limit` accounts in the order of their names, those behind the name `after` where it is given. */
  async list(limit: number, after?: string): Promise<RaAccount[]> {
    const query = this.dataSource.getRepository(RaAccountEntity).createQueryBuilder('account');
    // "C" orders by code point: the same in every database, whatever its locale.
    if (after !== undefined) query.where('account.name collate "C" > :after', { after });
    const rows = await query.orderBy('account.name collate "C"').limit(limit).getMany();
    return accountsOf(this.dataSource.manager, rows);
  }

  /** The account of that name; throws ServiceError `not-found`. */
  async get(name: string): Promise<RaAccount> {
    const row = await this.dataSource.getRepository(RaAccountEntity).findOneBy({ name });
    return accountOf(this.dataSource.manager, found(row));
  }

  /** Adds an account and makes its password. Throws ServiceError `already-exists` or `invalid-input`. */
  create(actor: string, { name, ...given }: NewRaAccountInput): Promise<RaAccountWithPassword> {
    return this.auditedChange.make(async (manager, record) => {
      const settings = settingsOf(given);
      const now = this.clock.now();
      const { description, enabled } = settings;
      const row = manager.create(RaAccountEntity, {
        ...{ name, description, enabled, lastUsedAt: null, createdAt: now, updatedAt: now },
        passwordVerifier: Buffer.alloc(0),
      });
      await manager.insert(RaAccountEntity, row);
      // Only now: the verifier is bound to the id that the database gave.
      const password = await this.givePassword(manager, row.id);
      await setAliases(manager, row.id, settings.aliases);
      await record(entry(actor, 'create', name, { ...sorted(settings) }));
      return { ...(await accountOf(manager, row)), password };
    }, CONFLICTS);
  }

  /** Changes what the patch names; null brings a default back. Throws ServiceError `not-found` or `invalid-input`. */
  patch(actor: string, name: string, patch: RaAccountInput): Promise<RaAccount> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      const before = await accountOf(manager, row);
      const { description, enabled, aliases } = before;
      const from: Settings = { description, enabled, aliases };
      const to = settingsOf(mergePatch(from, patch));
      row.updatedAt = this.clock.now();
      Object.assign(row, { description: to.description, enabled: to.enabled });
      await manager.update(
        RaAccountEntity,
        { id: row.id },
        { description: to.description, enabled: to.enabled, updatedAt: row.updatedAt },
      );
      await setAliases(manager, row.id, to.aliases);
      await record(entry(actor, 'change', name, { from, to: sorted(to) }));
      return accountOf(manager, row);
    }, CONFLICTS);
  }

  /** Gives an account a new password; the one before opens nothing any more. Throws ServiceError `not-found`. */
  renewPassword(actor: string, name: string): Promise<RaAccountWithPassword> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      row.updatedAt = this.clock.now();
      const password = await this.givePassword(manager, row.id);
      await manager.update(RaAccountEntity, { id: row.id }, { updatedAt: row.updatedAt });
      await record(entry(actor, 'password', name));
      return { ...(await accountOf(manager, row)), password };
    });
  }

  /** Renames an account. Throws ServiceError `not-found` or `already-exists`. */
  rename(actor: string, name: string, newName: string): Promise<RaAccount> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      row.name = newName;
      row.updatedAt = this.clock.now();
      await manager.update(RaAccountEntity, { id: row.id }, { name: newName, updatedAt: row.updatedAt });
      await record(entry(actor, 'rename', name, { to: newName }));
      return accountOf(manager, row);
    }, CONFLICTS);
  }

  /** Removes an account. Challenges that it has fetched stay valid. Throws ServiceError `not-found`. */
  remove(actor: string, name: string): Promise<void> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      await manager.delete(RaAccountEntity, { id: row.id });
      await record(entry(actor, 'delete', name));
    });
  }

  private async givePassword(manager: EntityManager, id: number): Promise<string> {
    const password = newRaAccountPassword(this.random);
    const passwordVerifier = this.verifier.compute(raAccountPasswordContext(id), password);
    await manager.update(RaAccountEntity, { id }, { passwordVerifier });
    return password;
  }
}

function settingsOf(given: object): Settings {
  const { description = '', enabled = true, aliases = [] } = withoutAbsent(given) as Partial<Settings>;
  return { description, enabled, aliases };
}

const sorted = (settings: Settings): Settings => ({ ...settings, aliases: [...settings.aliases].sort() });

/** Throws ServiceError `invalid-input` naming each alias that does not exist. */
async function setAliases(manager: EntityManager, raAccountId: number, names: readonly string[]): Promise<void> {
  const aliases = names.length === 0 ? [] : await manager.find(AliasEntity, { select: { id: true, name: true } });
  const ids = new Map(aliases.map(({ id, name }) => [name, id]));
  const unknown = names.flatMap((name, index) =>
    ids.has(name) ? [] : [{ field: `aliases[${index}]`, message: 'there is no such alias' }],
  );
  if (unknown.length > 0) throw invalidInput(unknown);
  await manager.delete(RaAccountAliasEntity, { raAccountId });
  if (names.length === 0) return;
  const rows = names.map((name) => ({ raAccountId, aliasId: ids.get(name) as number }));
  await manager.insert(RaAccountAliasEntity, rows);
}

async function locked(manager: EntityManager, name: string): Promise<RaAccountEntity> {
  return found(await manager.findOne(RaAccountEntity, { where: { name }, lock: { mode: 'pessimistic_write' } }));
}

function found(row: RaAccountEntity | null): RaAccountEntity {
  if (row === null) throw new ServiceError('not-found', 'there is no RA account of that name');
  return row;
}

async function accountOf(manager: EntityManager, row: RaAccountEntity): Promise<RaAccount> {
  const [account] = await accountsOf(manager, [row]);
  return account as RaAccount;
}

async function accountsOf(manager: EntityManager, rows: readonly RaAccountEntity[]): Promise<RaAccount[]> {
  const links = await aliasesOf(
    manager,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, name, description, enabled, lastUsedAt, createdAt, updatedAt }) => ({
    ...{ name, description, enabled },
    aliases: links
      .filter(({ raAccountId }) => raAccountId === id)
      .map(({ alias }) => alias.name)
      .sort(),
    ...{ lastUsedAt, createdAt, updatedAt },
  }));
}

async function aliasesOf(manager: EntityManager, ids: readonly number[]): Promise<RaAccountAliasEntity[]> {
  if (ids.length === 0) return [];
  return manager
    .getRepository(RaAccountAliasEntity)
    .createQueryBuilder('link')
    .innerJoinAndSelect('link.alias', 'alias')
    .where('link.ra_account_id in (:...ids)', { ids })
    .getMany();
}

const entry = (actor: string, verb: string, name: string, details: Record<string, unknown> = {}): AuditEntry => ({
  actor,
  action: `ra-account.${verb}`,
  target: `ra-accounts/${name}`,
  details,
});
