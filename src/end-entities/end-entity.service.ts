import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { AuditEntry } from '../audit/audit-log';
import { AuditedChange, type Conflicts } from '../audit/audited-change';
import { CertificateRevoker } from '../certificates/certificate-revoker';
import { invalidInput } from '../common/checked-input';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { Verifier } from '../keys/verifier';
import { DefaultProfiles } from '../profiles/default-profiles';
import { resolveContent } from './end-entity-content.resolver';
import {
  endEntityDetails,
  listEndEntities,
  noSuchEndEntity,
  type EndEntityDetails,
  type EndEntityFilter,
} from './end-entity-details';
import { EndEntityStatus, isEnrolling, mayBecome, statusName } from './end-entity-status';
import { EndEntityEntity } from './end-entity.entity';
import type { EndEntityPatchInput, EndEntityStatusInput, GivenContent, NewEndEntityInput } from './end-entity.input';
import { enrolmentCodeContext } from './enrolment-code';
import { FailedAttemptEntity } from './failed-attempt.entity';
import { forgetShadowCertificate } from './shadow-certificate';

const CONFLICTS: Conflicts = {
  end_entities_username_key: () =>
    new ServiceError('already-exists', 'there is already an end entity of that user name'),
};

/** What administrators do with end entities. Inputs have passed the rules of their classes. */
@Injectable()
export class EndEntityService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly verifier: Verifier,
    private readonly certificates: CertificateRevoker,
    private readonly defaultProfiles: DefaultProfiles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** At most `limit` end entities in the order of their registration, those behind the id `after` where it is given. */
  list(filter: EndEntityFilter, limit: number, after?: string): Promise<EndEntityDetails[]> {
    return listEndEntities(this.dataSource, filter, limit, this.clock.now(), after);
  }

  /** The end entity of that name; throws ServiceError `not-found`. */
  get(username: string): Promise<EndEntityDetails> {
    return endEntityDetails(this.dataSource.manager, username, this.clock.now());
  }

  /** Registers an end entity in status NEW. Throws ServiceError `already-exists` or `invalid-input`. */
  create(actor: string, input: NewEndEntityInput): Promise<EndEntityDetails> {
    const { username, enrolmentCode, ...given } = input;
    return this.auditedChange.make(async (manager, record) => {
      // Beside a database that an administrator brought nothing is made beforehand, and the short request works all the same.
      await this.defaultProfiles.ensureUnnamed(manager, given);
      const content = await resolveContent(manager, username, given);
      const now = this.clock.now();
      const repository = manager.getRepository(EndEntityEntity);
      const row = repository.create({
        ...content,
        username,
        status: EndEntityStatus.NEW,
        remainingRequests: content.allowedRequests,
        createdAt: now,
        updatedAt: now,
      });
      await repository.insert(row);
      // Only now: the verifier is bound to the id that the database gave.
      await repository.update({ id: row.id }, { enrolmentCodeVerifier: this.verifierOf(row.id, enrolmentCode) });
      const created = await endEntityDetails(manager, username, now);
      await record(entry(actor, 'create', username, auditable(created)));
      return created;
    }, CONFLICTS);
  }

  /** Changes what the patch names; null brings a default back. Status and counters stay. */
  patch(actor: string, username: string, patch: EndEntityPatchInput): Promise<EndEntityDetails> {
    const { enrolmentCode, ...given } = patch;
    return this.change(actor, 'change', username, async (manager, row, before) => {
      const wanted = merged(before, given);
      await this.defaultProfiles.ensureUnnamed(manager, wanted);
      const content = await resolveContent(manager, username, wanted);
      const used = row.allowedRequests - row.remainingRequests;
      return {
        ...content,
        ...(enrolmentCode === undefined ? {} : { enrolmentCodeVerifier: this.verifierOf(row.id, enrolmentCode) }),
        // Whoever may still enrol keeps at least one request, whatever the new limit; one that waits may be the last.
        ...(isEnrolling(row.status)
          ? { remainingRequests: Math.max(row.openApprovals > 0 ? 0 : 1, content.allowedRequests - used) }
          : {}),
      };
    });
  }

  /**
   * Leads an end entity into another status. NEW lets it in again: counters and lockouts start afresh, and what was
   * answered before is not repeated. Throws ServiceError `conflict` where the status may not follow the present one.
   */
  setStatus(actor: string, username: string, input: EndEntityStatusInput): Promise<EndEntityDetails> {
    const status = EndEntityStatus[input.status];
    if (input.enrolmentCode !== undefined && !isEnrolling(status))
      throw invalidInput([{ field: 'enrolmentCode', message: `is of no use in status ${input.status}` }]);
    return this.change(actor, 'status', username, async (manager, row) => {
      if (!mayBecome(row.status, status))
        throw new ServiceError(
          'conflict',
          `an end entity in status ${statusName(row.status)} cannot become ${input.status}`,
        );
      if (status === EndEntityStatus.NEW) {
        await manager.delete(FailedAttemptEntity, { endEntityId: row.id });
        await forgetShadowCertificate(manager, row.id);
      }
      return {
        status,
        ...(input.enrolmentCode === undefined
          ? {}
          : { enrolmentCodeVerifier: this.verifierOf(row.id, input.enrolmentCode) }),
        ...(status === EndEntityStatus.NEW
          ? {
              remainingRequests: row.allowedRequests,
              failedAttempts: 0,
              lockedUntil: null,
              epoch: row.epoch + 1,
              openApprovals: 0,
            }
          : {}),
      };
    });
  }

  /** Ends all lockouts of an end entity and forgets its failed attempts. */
  unlock(actor: string, username: string): Promise<EndEntityDetails> {
    return this.change(actor, 'unlock', username, async (manager, row) => {
      await manager.delete(FailedAttemptEntity, { endEntityId: row.id });
      return { failedAttempts: 0, lockedUntil: null };
    });
  }

  /** Gives an end entity another user name; its subject stays. Throws ServiceError `already-exists`. */
  rename(actor: string, username: string, newUsername: string): Promise<EndEntityDetails> {
    return this.change(actor, 'rename', username, () => Promise.resolve({ username: newUsername }));
  }

  /**
   * Removes an end entity; what was issued to it stays. Throws ServiceError `in-use` while one of its certificates is
   * valid, for nobody could then be found behind it.
   */
  remove(actor: string, username: string): Promise<void> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, username);
      if (await this.certificates.hasValidCertificate(manager, row.id))
        throw new ServiceError('in-use', 'the end entity has a valid certificate: revoke it first');
      const before = await endEntityDetails(manager, username, this.clock.now());
      await manager.delete(EndEntityEntity, { id: row.id });
      await record(entry(actor, 'delete', username, auditable(before)));
    });
  }

  private change(
    actor: string,
    verb: string,
    username: string,
    columns: (
      manager: EntityManager,
      row: EndEntityEntity,
      before: EndEntityDetails,
    ) => Promise<Partial<Omit<EndEntityEntity, 'authority' | 'certificateProfile' | 'endEntityProfile'>>>,
  ): Promise<EndEntityDetails> {
    return this.auditedChange.make(async (manager, record) => {
      const row = await locked(manager, username);
      const now = this.clock.now();
      const before = await endEntityDetails(manager, username, now);
      const changed = await columns(manager, row, before);
      await manager.update(EndEntityEntity, { id: row.id }, { ...changed, updatedAt: now });
      const after = await endEntityDetails(manager, changed.username ?? username, now);
      await record(entry(actor, verb, username, differences(before, after, 'enrolmentCodeVerifier' in changed)));
      return after;
    }, CONFLICTS);
  }

  private verifierOf(id: string, enrolmentCode: string | null): Buffer | null {
    return enrolmentCode === null ? null : this.verifier.compute(enrolmentCodeContext(id), enrolmentCode);
  }
}

async function locked(manager: EntityManager, username: string): Promise<EndEntityEntity> {
  const row = await manager.findOne(EndEntityEntity, { where: { username }, lock: { mode: 'pessimistic_write' } });
  if (row === null) throw noSuchEndEntity();
  return row;
}

/** The present content with the patch over it; null in the patch stands for the default. */
function merged(before: EndEntityDetails, patch: GivenContent): GivenContent {
  const pick = <T>(given: T | null | undefined, present: T): T | null => (given === undefined ? present : given);
  return {
    subject: pick(patch.subject, before.subject),
    subjectAltNames: pick(patch.subjectAltNames, before.subjectAltNames),
    authority: pick(patch.authority, before.authority),
    certificateProfile: pick(patch.certificateProfile, before.certificateProfile),
    endEntityProfile: pick(patch.endEntityProfile, before.endEntityProfile),
    allowedRequests: pick(patch.allowedRequests, before.allowedRequests),
  };
}

const entry = (actor: string, verb: string, username: string, details: Record<string, unknown>): AuditEntry => ({
  actor,
  action: `end-entity.${verb}`,
  target: `end-entities/${username}`,
  details,
});

type AuditedField = Exclude<keyof EndEntityDetails, 'id' | 'createdAt' | 'updatedAt' | 'failedSources'>;

const AUDITED: readonly AuditedField[] = [
  'username',
  'status',
  'subject',
  'subjectAltNames',
  'authority',
  'certificateProfile',
  'endEntityProfile',
  'allowedRequests',
  'remainingRequests',
  'failedAttempts',
  'lockedUntil',
];

const auditable = (details: EndEntityDetails): Record<string, unknown> =>
  Object.fromEntries(AUDITED.map((field) => [field, details[field]]));

/** What has changed, from and to; of the code only that it did. */
function differences(before: EndEntityDetails, after: EndEntityDetails, newCode: boolean): Record<string, unknown> {
  const changed = AUDITED.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return {
    ...Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }])),
    ...(newCode ? { enrolmentCode: 'changed' } : {}),
  };
}
