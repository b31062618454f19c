import { Inject, Injectable } from '@nestjs/common';

import { type ChallengeCase, type ChallengeKind, type ChallengeVerdict, RIGHT } from '../challenges/challenge';
import { CLOCK, type Clock } from '../common/clock';
import { statement } from '../database/named-parameters';
import { DevicePool } from '../database/pg-pool';
import { Verifier } from '../keys/verifier';
import type { EnrolmentRequest } from './enrolment-request';
import { ledgerKey } from './ledger-key';

/** As long as a challenge of Intune lives. */
const VALID_FOR_MS = 3_600_000;

const RECALL = statement(
  'validated-request',
  `select challenge_verifier, validated_at from scep_transactions where ledger_key = :ledgerKey`,
);

/** Of an entry that holds an answer, current or not, nothing else changes: it is still what a new answer has to replace. */
const REMEMBER = statement(
  'request-validated',
  `insert into scep_transactions (ledger_key, alias_id, transaction_id, public_key_hash, message_type, state,
    end_entity_epoch, authority_id, created_at, updated_at, validated_at, challenge_verifier)
  values (:ledgerKey, :aliasId, :transactionID, :publicKeyHash, :messageType, 'validated', 0, :authorityId, :now, :now, :now, :verifier)
  on conflict (ledger_key) do update set validated_at = excluded.validated_at, challenge_verifier = excluded.challenge_verifier`,
);

const FORGET = statement(
  'validated-requests-forget',
  `delete from scep_transactions where state = 'validated' and validated_at < :before`,
);

/**
 * What a service has found right is not put before it again: the challenge may be spent by then. So it is known of a
 * transaction that it is validated, with which challengePassword, and since when.
 */
@Injectable()
export class ValidatedRequests {
  /** Equal requests at once are put before the service once. */
  private readonly asking = new Map<string, Promise<ChallengeVerdict>>();

  constructor(
    private readonly pool: DevicePool,
    private readonly verifier: Verifier,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The verdict on a request.
   * @throws ServiceError `challenge-unavailable`
   */
  judge(request: EnrolmentRequest, asked: ChallengeCase, kind: ChallengeKind): Promise<ChallengeVerdict> {
    const key = ledgerKey(request);
    const name = `${key.toString('hex')}/${asked.challengePassword}`;
    const running = this.asking.get(name);
    if (running !== undefined) return running;
    const verdict = this.ask(request, key, asked, kind).finally(() => this.asking.delete(name));
    this.asking.set(name, verdict);
    return verdict;
  }

  /** Forgets what was validated and never came to anything. */
  async forgetOld(): Promise<void> {
    await this.pool.query(FORGET.with({ before: new Date(this.clock.now().getTime() - VALID_FOR_MS) }));
  }

  private async ask(
    request: EnrolmentRequest,
    key: Buffer,
    asked: ChallengeCase,
    kind: ChallengeKind,
  ): Promise<ChallengeVerdict> {
    if (await this.isKnown(key, asked)) return RIGHT;
    const verdict = await kind.judge(asked);
    if (verdict.right) {
      await this.remember(request, key, asked);
      return verdict;
    }
    // Another gateway may have spent the challenge meanwhile, for an equal request.
    return (await this.isKnown(key, asked)) ? RIGHT : verdict;
  }

  private async isKnown(key: Buffer, { challengePassword }: ChallengeCase): Promise<boolean> {
    const { rows } = await this.pool.query<{ challenge_verifier: Buffer | null; validated_at: Date | null }>(
      RECALL.with({ ledgerKey: key }),
    );
    const { challenge_verifier: verifier = null, validated_at: since = null } = rows[0] ?? {};
    if (verifier === null || since === null) return false;
    return (
      this.clock.now().getTime() < since.getTime() + VALID_FOR_MS &&
      this.verifier.matches(context(key), challengePassword, verifier)
    );
  }

  private async remember(request: EnrolmentRequest, key: Buffer, { challengePassword }: ChallengeCase): Promise<void> {
    await this.pool.query(
      REMEMBER.with({
        ledgerKey: key,
        aliasId: request.alias.id,
        transactionID: request.transactionID,
        publicKeyHash: request.certificationRequest.publicKey.hash,
        messageType: request.messageType,
        authorityId: request.authority.id,
        now: this.clock.now(),
        verifier: this.verifier.compute(context(key), challengePassword),
      }),
    );
  }
}

const context = (key: Buffer): string => `scep_transactions/${key.toString('hex')}/challenge`;
