import type { DataSource, EntityManager, EntityTarget } from 'typeorm';
import type { AuditedChange, Conflicts, Recorder } from '../audit/audited-change';
import { readStored } from '../common/checked-input';
import type { Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { mergePatch, withoutAbsent } from '../common/settings';
import type { AuditEntry, AuditLog } from '../audit/audit-log';
import { linkedFields, type ProfileLink, setLinkedFields, withoutLinkedFields } from './profile-link';
import type { ProfileEntity } from './profile.entity';

/** What a registry works with. */
export interface RegistryServices {
  readonly dataSource: DataSource;
  readonly auditedChange: AuditedChange;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
}

/** How one kind of profile differs from the other. */
export interface ProfileKind<Settings extends object> {
  readonly entity: EntityTarget<ProfileEntity>;
  /** In the singular, as audit actions begin: `certificate-profile`. */
  readonly resource: string;
  /** For people: `certificate profile`. */
  readonly noun: string;
  /** Checks settings and fills in the defaults; throws ServiceError `invalid-input`. */
  readonly checked: (given: unknown) => Settings;
  /** Fields that name other things. */
  readonly links?: readonly ProfileLink[];
  /** The unique constraint of the name. */
  readonly nameKey: string;
  /** The foreign keys by which others refer to a profile, with who they are: `end entities use`. */
  readonly users: Readonly<Record<string, string>>;
  /** What else an input can break that comes late; see {@link Conflicts}. */
  readonly conflicts?: Conflicts;
}

/** A stored profile with all its settings. */
export interface StoredProfile<Settings extends object> {
  readonly id: number;
  readonly name: string;
  readonly settings: Settings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * Keeps profiles of one kind: what the administrator does with them. What was given is stored, so that a default stays a
 * default.
 */
export abstract class ProfileRegistry<Settings extends object> {
  private readonly conflicts: Conflicts;
  private readonly links: readonly ProfileLink[];

  protected constructor(
    private readonly services: RegistryServices,
    private readonly kind: ProfileKind<Settings>,
  ) {
    const { noun, nameKey, users } = kind;
    this.links = kind.links ?? [];
    this.conflicts = {
      ...kind.conflicts,
      [nameKey]: () => new ServiceError('already-exists', `there is already a ${noun} of that name`),
      ...Object.fromEntries(
        Object.entries(users).map(([key, who]) => [key, () => new ServiceError('in-use', `${who} this ${noun}`)]),
      ),
    };
  }

  /** At most `limit` profiles in the order of their names, those behind the name `after` where it is given. */
  async list(limit: number, after?: string): Promise<StoredProfile<Settings>[]> {
    const query = this.services.dataSource.getRepository(this.kind.entity).createQueryBuilder('profile');
    // "C" orders by code point: the same in every database, whatever its locale.
    if (after !== undefined) query.where('profile.name collate "C" > :after', { after });
    const rows = await query.orderBy('profile.name collate "C"').limit(limit).getMany();
    return this.allStored(this.services.dataSource.manager, rows);
  }

  /** The profile of that name; throws ServiceError `not-found`. */
  async get(name: string): Promise<StoredProfile<Settings>> {
    const { manager } = this.services.dataSource;
    return this.stored(manager, this.found(await manager.getRepository(this.kind.entity).findOneBy({ name })));
  }

  /**
   * Adds a profile.
   *
   * @param actor who does it, for the audit log
   * @param given its settings; what is absent or null has its default
   */
  create(actor: string, name: string, given: object): Promise<StoredProfile<Settings>> {
    return this.services.auditedChange.make(
      async (manager, record) => this.stored(manager, await this.insert(manager, record, actor, name, given)),
      this.conflicts,
    );
  }

  /** Adds the profile with default settings unless there is one of that name, in the transaction of `manager`. */
  async ensure(manager: EntityManager, actor: string, name: string): Promise<void> {
    // An insert that adds nothing would be announced to all gateways all the same.
    if (await manager.getRepository(this.kind.entity).existsBy({ name })) return;
    const now = this.services.clock.now();
    // Of several that have found none and would add it at once, all but one shall do nothing.
    const inserted = await manager
      .createQueryBuilder()
      .insert()
      .into(this.kind.entity)
      .values({ name, settings: {}, createdAt: now, updatedAt: now })
      .orIgnore()
      .returning('id')
      .execute();
    if ((inserted.raw as unknown[]).length > 0)
      await this.services.auditLog.append(manager, this.entry(actor, 'create', name, { settings: {} }));
  }

  /** Gives a profile new settings in place of all it had. */
  replace(actor: string, name: string, given: object): Promise<StoredProfile<Settings>> {
    return this.update(actor, name, () => withoutAbsent(given));
  }

  /** Changes the settings that the patch names (RFC 7396): null brings the default back. */
  patch(actor: string, name: string, patch: object): Promise<StoredProfile<Settings>> {
    return this.update(actor, name, (settings) => withoutAbsent(mergePatch(settings, patch)));
  }

  /** Renames a profile; who uses it goes on doing so. */
  rename(actor: string, name: string, newName: string): Promise<StoredProfile<Settings>> {
    return this.services.auditedChange.make(async (manager, record) => {
      const row = await this.locked(manager, name);
      row.name = newName;
      await this.save(manager, row);
      await record(this.entry(actor, 'rename', name, { to: newName }));
      return this.stored(manager, row);
    }, this.conflicts);
  }

  /** Removes a profile that nobody uses; else throws ServiceError `in-use`. */
  remove(actor: string, name: string): Promise<void> {
    return this.services.auditedChange.make(async (manager, record) => {
      const row = await this.locked(manager, name);
      const settings = await this.givenOf(manager, row);
      await manager.getRepository(this.kind.entity).delete({ id: row.id });
      await record(this.entry(actor, 'delete', name, { settings }));
    }, this.conflicts);
  }

  private async insert(
    manager: EntityManager,
    record: Recorder,
    actor: string,
    name: string,
    given: object,
  ): Promise<ProfileEntity> {
    this.kind.checked(given);
    const now = this.services.clock.now();
    const repository = manager.getRepository(this.kind.entity);
    const settings = withoutAbsent(given);
    const own = withoutLinkedFields(this.links, settings);
    const row = repository.create({ name, settings: own, createdAt: now, updatedAt: now });
    await repository.insert(row);
    await setLinkedFields(manager, this.links, row.id, settings);
    await record(this.entry(actor, 'create', name, { settings }));
    return row;
  }

  private update(
    actor: string,
    name: string,
    changed: (settings: object) => Record<string, unknown>,
  ): Promise<StoredProfile<Settings>> {
    return this.services.auditedChange.make(async (manager, record) => {
      const row = await this.locked(manager, name);
      const from = await this.givenOf(manager, row);
      const to = changed(from);
      this.kind.checked(to);
      row.settings = withoutLinkedFields(this.links, to);
      await this.save(manager, row);
      await setLinkedFields(manager, this.links, row.id, to);
      await record(this.entry(actor, 'change', name, { from, to }));
      return this.stored(manager, row);
    }, this.conflicts);
  }

  /** What was given, wherever it is stored. */
  private async givenOf(manager: EntityManager, { id, settings }: ProfileEntity): Promise<object> {
    return { ...settings, ...(await linkedFields(manager, this.links, [id])).get(id) };
  }

  /** Locked, so that two patches at the same time both take effect. */
  private async locked(manager: EntityManager, name: string): Promise<ProfileEntity> {
    const repository = manager.getRepository(this.kind.entity);
    return this.found(await repository.findOne({ where: { name }, lock: { mode: 'pessimistic_write' } }));
  }

  private async save(manager: EntityManager, row: ProfileEntity): Promise<void> {
    row.updatedAt = this.services.clock.now();
    const { id, name, settings, updatedAt } = row;
    await manager.getRepository(this.kind.entity).update({ id }, { name, settings, updatedAt });
  }

  private entry(actor: string, verb: string, name: string, details: Record<string, unknown>): AuditEntry {
    const { resource } = this.kind;
    return { actor, action: `${resource}.${verb}`, target: `${resource}s/${name}`, details };
  }

  private found(row: ProfileEntity | null): ProfileEntity {
    if (row === null) throw new ServiceError('not-found', `there is no such ${this.kind.noun}`);
    return row;
  }

  private async stored(manager: EntityManager, row: ProfileEntity): Promise<StoredProfile<Settings>> {
    const [stored] = await this.allStored(manager, [row]);
    return stored as StoredProfile<Settings>;
  }

  private async allStored(manager: EntityManager, rows: readonly ProfileEntity[]): Promise<StoredProfile<Settings>[]> {
    const ids = rows.map(({ id }) => id);
    const linked = await linkedFields(manager, this.links, ids);
    return rows.map((row) => {
      const { id, name, createdAt, updatedAt } = row;
      const given = { ...row.settings, ...linked.get(id) };
      const settings = readStored(`the ${this.kind.noun} ${name}`, () => this.kind.checked(given));
      return { id, name, settings, createdAt, updatedAt };
    });
  }
}
