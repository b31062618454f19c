import type { DataSource, EntityManager, EntityTarget } from 'typeorm';
import type { AuditedChange, Conflicts, Recorder } from '../audit/audited-change';
import { readStored } from '../common/checked-input';
import type { Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { mergePatch, withoutAbsent } from '../common/settings';
import type { AuditEntry, AuditLog } from '../audit/audit-log';
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
  /** The unique constraint of the name, and the foreign keys by which end entities and aliases refer to a profile. */
  readonly constraints: { readonly name: string; readonly endEntities: string; readonly templates?: string };
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

  protected constructor(
    private readonly services: RegistryServices,
    private readonly kind: ProfileKind<Settings>,
  ) {
    const { noun, constraints } = kind;
    this.conflicts = {
      [constraints.name]: () => new ServiceError('already-exists', `there is already a ${noun} of that name`),
      [constraints.endEntities]: () => new ServiceError('in-use', `end entities use this ${noun}`),
      ...(constraints.templates && {
        [constraints.templates]: () => new ServiceError('in-use', `a template of an alias stands for this ${noun}`),
      }),
    };
  }

  /** At most `limit` profiles in the order of their names, those behind the name `after` where it is given. */
  async list(limit: number, after?: string): Promise<StoredProfile<Settings>[]> {
    const query = this.services.dataSource.getRepository(this.kind.entity).createQueryBuilder('profile');
    // "C" orders by code point: the same in every database, whatever its locale.
    if (after !== undefined) query.where('profile.name collate "C" > :after', { after });
    const rows = await query.orderBy('profile.name collate "C"').limit(limit).getMany();
    return rows.map((row) => this.stored(row));
  }

  /** The profile of that name; throws ServiceError `not-found`. */
  async get(name: string): Promise<StoredProfile<Settings>> {
    return this.stored(this.found(await this.services.dataSource.getRepository(this.kind.entity).findOneBy({ name })));
  }

  /**
   * Adds a profile.
   *
   * @param actor who does it, for the audit log
   * @param given its settings; what is absent or null has its default
   */
  create(actor: string, name: string, given: object): Promise<StoredProfile<Settings>> {
    return this.services.auditedChange.make(
      async (manager, record) => this.stored(await this.insert(manager, record, actor, name, given)),
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
      return this.stored(row);
    }, this.conflicts);
  }

  /** Removes a profile that neither end entity nor alias uses; else throws ServiceError `in-use`. */
  remove(actor: string, name: string): Promise<void> {
    return this.services.auditedChange.make(async (manager, record) => {
      const row = await this.locked(manager, name);
      await manager.getRepository(this.kind.entity).delete({ id: row.id });
      await record(this.entry(actor, 'delete', name, { settings: row.settings }));
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
    const row = repository.create({ name, settings: withoutAbsent(given), createdAt: now, updatedAt: now });
    await repository.insert(row);
    await record(this.entry(actor, 'create', name, { settings: row.settings }));
    return row;
  }

  private update(actor: string, name: string, changed: (settings: object) => object): Promise<StoredProfile<Settings>> {
    return this.services.auditedChange.make(async (manager, record) => {
      const row = await this.locked(manager, name);
      const from = row.settings;
      row.settings = changed(from);
      this.kind.checked(row.settings);
      await this.save(manager, row);
      await record(this.entry(actor, 'change', name, { from, to: row.settings }));
      return this.stored(row);
    }, this.conflicts);
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

  private stored(row: ProfileEntity): StoredProfile<Settings> {
    const { id, name, createdAt, updatedAt } = row;
    const settings = readStored(`the ${this.kind.noun} ${name}`, () => this.kind.checked(row.settings));
    return { id, name, settings, createdAt, updatedAt };
  }
}
