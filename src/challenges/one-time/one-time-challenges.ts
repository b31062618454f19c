import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { AuditEntry } from '../../audit/audit-log';
import { AuditedChange, type Conflicts } from '../../audit/audited-change';
import { CLOCK, type Clock } from '../../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../../common/random-source';
import { ServiceError } from '../../common/service-error';
import { TransactionRunner } from '../../database/transaction-runner';
import { Verifier } from '../../keys/verifier';
import { bindingColumns, type OneTimeBinding } from './one-time-binding';
import { OneTimeChallengeEntity } from './one-time-challenge.entity';
import { newOneTimeSecret, oneTimeContext, type OneTimeFormat } from './one-time-secret';

/** A one-time challenge that is wanted. */
export interface OneTimeOrder {
  readonly aliasId: number;
  /** For the audit log. */
  readonly aliasName: string;
  readonly format: OneTimeFormat;
  readonly lifetimeSeconds: number;
  /** How many of the alias may be outstanding at a time. */
  readonly maximum: number;
  readonly binding?: OneTimeBinding | undefined;
  /** Name of the administrator or account. */
  readonly issuedBy: string;
}

/** A one-time challenge in the only moment in which its value is known. */
export interface IssuedOneTimeChallenge {
  readonly id: string;
  /** A secret. */
  readonly challengePassword: string;
  readonly expiresAt: Date;
}

/** The place of one challenge in the list. */
export interface OneTimePosition {
  readonly issuedAt: Date;
  readonly id: string;
}

const MS = 1000;

/** For how long after its end a challenge is remembered, so that the request log can say what became of it. */
const REMEMBERED_MS = 7 * 86_400_000;

const CONFLICTS: Conflicts = {
  one_time_challenges_certificate_profile_id_fkey: () =>
    new ServiceError('conflict', 'the certificate profile was removed meanwhile: look at what there is and try again'),
};

/** What administrators do with challenges that are good for one certificate. Nothing of them but verifiers is kept. */
@Injectable()
export class OneTimeChallenges {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly transactions: TransactionRunner,
    private readonly verifier: Verifier,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /**
   * Makes a challenge.
   * @throws ServiceError `conflict` (rule `challenge.oneTime.maximum`) where too many are outstanding; `invalid-input` for
   *   what it cannot be bound to; `not-found` where the alias is gone
   */
  issue(order: OneTimeOrder): Promise<IssuedOneTimeChallenge> {
    const { aliasId, aliasName, format, binding = {}, issuedBy } = order;
    return this.auditedChange.make(async (manager, record) => {
      const now = this.clock.now();
      const columns = await bindingColumns(manager, binding);
      await this.makeRoom(manager, order, now);
      const challengePassword = newOneTimeSecret(format, this.random);
      const id = this.random.uuid();
      const expiresAt = new Date(now.getTime() + order.lifetimeSeconds * MS);
      await manager.insert(OneTimeChallengeEntity, {
        ...columns,
        id,
        aliasId,
        verifier: this.verifier.compute(oneTimeContext(aliasId), challengePassword),
        state: 'outstanding',
        issuedBy,
        issuedAt: now,
        expiresAt,
      });
      const { subject, subjectAltNames, username } = columns;
      const bound = { subject, subjectAltNames, username, certificateProfile: binding.certificateProfile ?? null };
      await record(entry(issuedBy, 'issue', aliasName, id, { format, expiresAt, binding: bound }));
      return { id, challengePassword, expiresAt };
    }, CONFLICTS);
  }

  /** At most `limit` outstanding challenges of an alias, newest first, those behind `after` where it is given. */
  outstanding(aliasId: number, limit: number, after?: OneTimePosition): Promise<OneTimeChallengeEntity[]> {
    const query = this.dataSource
      .getRepository(OneTimeChallengeEntity)
      .createQueryBuilder('challenge')
      .leftJoinAndSelect('challenge.certificateProfile', 'profile')
      .where(`challenge.alias_id = :aliasId and challenge.state = 'outstanding' and challenge.expires_at > :now`, {
        aliasId,
        now: this.clock.now(),
      });
    if (after !== undefined) query.andWhere('(challenge.issued_at, challenge.id) < (:issuedAt, :id)', { ...after });
    return query.orderBy('challenge.issued_at', 'DESC').addOrderBy('challenge.id', 'DESC').limit(limit).getMany();
  }

  /**
   * Takes a challenge back.
   * @throws ServiceError `not-found`; `conflict` where it is not outstanding any more
   */
  revoke(actor: string, alias: { readonly id: number; readonly name: string }, id: string): Promise<void> {
    return this.auditedChange.make(async (manager, record) => {
      const now = this.clock.now();
      const lock = { mode: 'pessimistic_write' } as const;
      const row = await manager.findOne(OneTimeChallengeEntity, { where: { id, aliasId: alias.id }, lock });
      if (row === null) throw new ServiceError('not-found', 'this alias has no one-time challenge of that id');
      if (row.state !== 'outstanding' || row.expiresAt <= now)
        throw new ServiceError(
          'conflict',
          row.state === 'outstanding'
            ? `the challenge has expired at ${row.expiresAt.toISOString()}`
            : `the challenge is ${row.state} since ${row.closedAt?.toISOString() ?? 'some time'}`,
        );
      await manager.update(OneTimeChallengeEntity, { id }, { state: 'revoked', closedAt: now });
      await record(entry(actor, 'revoke', alias.name, id, {}));
    });
  }

  /** Forgets what was used or ended long ago. Safe if two do it at once. */
  async prune(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - REMEMBERED_MS);
    await this.transactions.inTransaction((manager) =>
      manager.query('delete from one_time_challenges where expires_at < $1', [before]),
    );
  }

  /** Refuses one more than the maximum. Of several who ask at once each waits for the others here, so each counts them. */
  private async makeRoom(manager: EntityManager, { aliasId, maximum }: OneTimeOrder, now: Date): Promise<void> {
    // Enrolments, which refer to the alias, go on: they lock its key only.
    const alias = await manager.query<unknown[]>('select from aliases where id = $1 for no key update', [aliasId]);
    if (alias.length === 0) throw new ServiceError('not-found', 'the alias was removed meanwhile');
    const [row] = await manager.query<{ outstanding: number }[]>(
      `select count(*)::integer as outstanding from one_time_challenges
        where alias_id = $1 and state = 'outstanding' and expires_at > $2`,
      [aliasId, now],
    );
    if ((row?.outstanding ?? 0) < maximum) return;
    throw new ServiceError(
      'conflict',
      `the alias has ${maximum} one-time challenges outstanding and may have no more: wait until one is used or has expired, revoke one, or raise the limit`,
      { rule: 'challenge.oneTime.maximum' },
    );
  }
}

const entry = (
  actor: string,
  verb: string,
  aliasName: string,
  id: string,
  details: Readonly<Record<string, unknown>>,
): AuditEntry => ({
  actor,
  action: `challenge.${verb}`,
  target: `aliases/${aliasName}/challenges/${id}`,
  details,
});
