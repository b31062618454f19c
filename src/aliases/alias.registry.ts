import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit/audit-log';
import { AuditedChange, type Conflicts, type Recorder } from '../audit/audited-change';
import { namedAuthorities } from '../authorities/authority-reference';
import { invalidInput, readStored } from '../common/checked-input';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { mergePatch, withoutAbsent } from '../common/settings';
import {
  ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY,
  ALIAS_TEMPLATES_PROFILE_KEY,
} from '../profiles/certificate-profile.entity';
import { DefaultProfiles } from '../profiles/default-profiles';
import { ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY } from '../profiles/end-entity-profile.entity';
import type { AliasSettings } from './alias';
import { AliasEntity } from './alias.entity';
import { templateMappingText } from './alias-template';
import { setTemplates, templatesOf } from './alias-template.repository';
import {
  registrationsOf,
  setRegistration,
  withoutRegistration,
  withRegistration,
} from './alias-registration.repository';
import { unavailability } from './alias-availability';
import { AliasSecretStore } from './alias-secret.store';
import { splitSecrets, withMasks } from './alias-secrets';
import { checkedAlias } from './alias.input';
import type { RaSettings } from './ra-settings';
import { authoritiesOf, otherAnswersNdesPath, setAuthorities } from './alias.repository';

/** A stored alias with all its settings. */
export interface StoredAlias {
  readonly name: string;
  /** Names; the first is the default. */
  readonly authorities: readonly string[];
  /** With masked secrets. */
  readonly settings: AliasSettings;
  /** What was given of them, but for `enabled` and the templates. With masked secrets. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Dotted names of the secrets that are set. */
  readonly secretFields: readonly string[];
  /** Why it issues nothing, see `alias-availability.ts`; null where it does. */
  readonly unavailable: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What came of a change. */
interface Written {
  readonly stored: StoredAlias;
  /** Dotted names of the secrets that are new or gone: the masks before and after look alike. */
  readonly changedSecrets: readonly string[];
}

const CONFLICTS: Conflicts = {
  aliases_name_key: () => new ServiceError('already-exists', 'there is already an alias of that name'),
  alias_authorities_authority_id_fkey: () =>
    new ServiceError('conflict', 'an authority was removed meanwhile: look at what there is and try again'),
  ...Object.fromEntries(
    [
      ALIAS_TEMPLATES_PROFILE_KEY,
      ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY,
      ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY,
    ].map((key) => [
      key,
      () => new ServiceError('conflict', 'a profile was removed meanwhile: look at what there is and try again'),
    ]),
  ),
};

/** What administrators do with aliases. What was given is stored, so that a default stays a default. */
@Injectable()
export class AliasRegistry {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly secretStore: AliasSecretStore,
    private readonly defaultProfiles: DefaultProfiles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** At most `limit` aliases in the order of their names, those behind the name `after` where it is given. */
  async list(limit: number, after?: string): Promise<StoredAlias[]> {
    const query = this.dataSource.getRepository(AliasEntity).createQueryBuilder('alias');
    // "C" orders by code point: the same in every database, whatever its locale.
    if (after !== undefined) query.where('alias.name collate "C" > :after', { after });
    const rows = await query.orderBy('alias.name collate "C"').limit(limit).getMany();
    return this.storedAliases(this.dataSource.manager, rows);
  }

  /** The alias of that name; throws ServiceError `not-found`. */
  async get(name: string): Promise<StoredAlias> {
    const row = await this.dataSource.getRepository(AliasEntity).findOneBy({ name });
    return this.storedAlias(this.dataSource.manager, found(row));
  }

  /**
   * Adds an alias. Throws ServiceError `already-exists` or `invalid-input`.
   *
   * @param actor who does it, for the audit log
   * @param given its settings; what is absent or null has its default
   */
  create(actor: string, name: string, given: object): Promise<StoredAlias> {
    return this.auditedChange.make((manager, record) => this.insert(manager, record, actor, name, given), CONFLICTS);
  }

  /** Gives an alias new settings in place of all it had, its authorities included. */
  replace(actor: string, name: string, given: object): Promise<StoredAlias> {
    return this.update(actor, name, () => withoutAbsent(given));
  }

  /** Changes the settings that the patch names (RFC 7396): null brings the default back. */
  patch(actor: string, name: string, patch: object): Promise<StoredAlias> {
    return this.update(actor, name, (present) => withoutAbsent(mergePatch(present, patch)));
  }

  /** Renames an alias: from then on its devices find it at another URL. Throws ServiceError `already-exists`. */
  rename(actor: string, name: string, newName: string): Promise<StoredAlias> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      row.name = newName;
      row.updatedAt = this.clock.now();
      await manager.update(AliasEntity, { id: row.id }, { name: newName, updatedAt: row.updatedAt });
      await record(entry(actor, 'rename', name, { to: newName }));
      return this.storedAlias(manager, row);
    }, CONFLICTS);
  }

  /** Removes an alias and what it remembers of its SCEP transactions; what was issued through it stays. */
  remove(actor: string, name: string): Promise<void> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      const stored = await this.storedAlias(manager, row);
      await manager.delete(AliasEntity, { id: row.id });
      await record(entry(actor, 'delete', name, { settings: givenOf(row, stored) }));
    });
  }

  private async insert(
    manager: EntityManager,
    record: Recorder,
    actor: string,
    name: string,
    given: object,
  ): Promise<StoredAlias> {
    await oneAtATime(manager);
    const now = this.clock.now();
    const row = manager.create(AliasEntity, { name, settings: {}, createdAt: now, updatedAt: now });
    await manager.insert(AliasEntity, row);
    const { stored } = await this.write(manager, row, withoutAbsent(given), []);
    await record(entry(actor, 'create', name, { settings: givenOf(row, stored) }));
    return stored;
  }

  private update(actor: string, name: string, changed: (present: object) => object): Promise<StoredAlias> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, name);
      const before = await this.storedAlias(manager, row);
      const from = givenOf(row, before);
      const { stored, changedSecrets } = await this.write(manager, row, changed(from), before.secretFields);
      const secrets = changedSecrets.length > 0 && { changedSecrets };
      await record(entry(actor, 'change', name, { from, to: givenOf(row, stored), ...secrets }));
      return stored;
    }, CONFLICTS);
  }

  /**
   * Checks what was given as a whole and stores it in the columns of `row`, which is changed to match.
   * @param present dotted names of the secrets that the alias has
   */
  private async write(
    manager: EntityManager,
    row: AliasEntity,
    given: object,
    present: readonly string[],
  ): Promise<Written> {
    const { open, masked, fresh, kept } = splitSecrets(given, present);
    const { settings, authorities } = checkedAlias(masked);
    if (settings.answersNdesPath && (await otherAnswersNdesPath(manager, row.id)))
      throw invalidInput([{ field: 'answersNdesPath', message: 'another alias answers on that path already' }]);
    await namedAuthorities(manager, settings.renewal.fromAuthorities, 'renewal.fromAuthorities');
    const ra = (open['ra'] ?? {}) as Partial<RaSettings>;
    if (settings.operationalMode === 'RA') await this.defaultProfiles.ensureUnnamed(manager, ra);
    const columns: readonly string[] = ['authorities', 'enabled', 'templates'];
    row.settings = Object.fromEntries(
      Object.entries(withoutRegistration(open)).filter(([field]) => !columns.includes(field)),
    );
    row.enabled = settings.enabled;
    row.updatedAt = this.clock.now();
    const { id, enabled, updatedAt } = row;
    await manager.update(AliasEntity, { id }, { settings: row.settings, enabled, updatedAt });
    await setAuthorities(manager, id, authorities);
    await setTemplates(manager, id, settings.templates);
    await setRegistration(manager, id, settings, ra);
    await this.secretStore.set(manager, id, { fresh, kept }, updatedAt);
    const gone = present.filter((field) => !kept.includes(field) && !fresh.has(field));
    return { stored: await this.storedAlias(manager, row), changedSecrets: [...fresh.keys(), ...gone] };
  }

  private async storedAlias(manager: EntityManager, row: AliasEntity): Promise<StoredAlias> {
    const [stored] = await this.storedAliases(manager, [row]);
    return stored as StoredAlias;
  }

  private async storedAliases(manager: EntityManager, rows: readonly AliasEntity[]): Promise<StoredAlias[]> {
    const ids = rows.map(({ id }) => id);
    const authorities = await authoritiesOf(manager, ids);
    const mappings = await templatesOf(manager, ids);
    const registrations = await registrationsOf(manager, ids);
    const secrets = await this.secretStore.sealed(manager, ids);
    const isOff = await disabledProfiles(manager);
    return rows.map((row) => {
      const secretFields = (secrets.get(row.id) ?? []).map(({ field }) => field);
      const templates = mappings.get(row.id)?.map(templateMappingText);
      const given = withMasks(withRegistration({ ...row.settings }, registrations.get(row.id)), secretFields);
      const settings = readStored(
        `the alias ${row.name}`,
        () => checkedAlias({ ...given, enabled: row.enabled, templates }).settings,
      );
      const { operationalMode, ra } = settings;
      const mapped = (mappings.get(row.id) ?? []).map(({ certificateProfile }) => certificateProfile);
      const certificateProfiles = [ra.certificateProfile, ...mapped];
      return {
        name: row.name,
        given,
        authorities: (authorities.get(row.id) ?? []).map(({ name }) => name),
        settings,
        secretFields,
        unavailable: unavailability({ operationalMode, certificateProfiles }, isOff) ?? null,
        createdAt: row.createdAt,
        updatedAt: row.updatedAt,
      };
    });
  }
}

/** Whether the certificate profile of that name is switched off. */
async function disabledProfiles(manager: EntityManager): Promise<(name: string) => boolean> {
  const rows = await manager.query<{ name: string }[]>(
    `select name from certificate_profiles where settings->>'enabled' = 'false'`,
  );
  const names = new Set(rows.map(({ name }) => name));
  return (name) => names.has(name);
}

/** One change at a time: two aliases that claim NDES's path at once would each not see the other. Readers go on. */
async function oneAtATime(manager: EntityManager): Promise<void> {
  await manager.query('lock table aliases in share row exclusive mode');
}

async function locked(manager: EntityManager, name: string): Promise<AliasEntity> {
  await oneAtATime(manager);
  return found(await manager.findOneBy(AliasEntity, { name }));
}

function found(row: AliasEntity | null): AliasEntity {
  if (row === null) throw new ServiceError('not-found', 'there is no alias of that name');
  return row;
}

/** What was given, wherever it is stored. */
const givenOf = (row: AliasEntity, { authorities, settings, given }: StoredAlias): Record<string, unknown> => ({
  authorities,
  enabled: row.enabled,
  ...given,
  ...(settings.templates.length > 0 && { templates: settings.templates }),
});

const entry = (actor: string, verb: string, name: string, details: Record<string, unknown>): AuditEntry => ({
  actor,
  action: `alias.${verb}`,
  target: `aliases/${name}`,
  details,
});
