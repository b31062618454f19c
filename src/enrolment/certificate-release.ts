import { Inject, Injectable } from '@nestjs/common';

import { AliasCatalogue } from '../aliases/alias-catalogue';
import type { Alias } from '../aliases/alias';
import type { ChallengeKindName } from '../challenges/challenge-settings';
import { Challenges } from '../challenges/challenges';
import type { Releasing, ReleaseVerdict, ValidatedRequest } from '../challenges/releasing';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { DevicePool, type NamedStatement } from '../database/pg-pool';
import { CertificateRevocation } from '../end-entities/certificate-revocation';
import { Certificate } from '../pki/x509/certificate';
import type { EnrolmentRequest } from './enrolment-request';
import { HeldRequests } from './held-certificate';
import { type HeldRow, POSTPONE, READ_DUE, READ_HELD, RELEASE, WITHDRAW } from './release.statements';

/** Names a certificate. */
export interface CertificateKey {
  readonly authorityId: number;
  /** Big-endian magnitude. */
  readonly serialNumber: Buffer;
}

/** A row that waits, with whom it waits for. */
interface Held extends CertificateKey {
  readonly row: HeldRow;
  /** Undefined where the alias is gone, or asks nobody. */
  readonly service:
    { readonly alias: Alias; readonly releasing: Releasing; readonly request: ValidatedRequest } | undefined;
}

const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * MINUTE_MS;

/** It was never anybody's to use, and nothing is wrong with its key. */
const REASON = 'cessationOfOperation';

/** The second attempt finds what the other has done. */
const MAX_ATTEMPTS = 3;

/**
 * The last step before a certificate of a kind like Intune's is delivered: the service is told of it. Until it has heard,
 * the certificate is in the ledger and given to nobody; whoever asks again, and a job, tell it again. If the service refuses,
 * or does not hear in time, the certificate is revoked.
 */
@Injectable()
export class CertificateRelease {
  constructor(
    private readonly pool: DevicePool,
    private readonly aliases: AliasCatalogue,
    private readonly challenges: Challenges,
    private readonly requests: HeldRequests,
    private readonly revocation: CertificateRevocation,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Has a certificate released; does nothing where it is.
   * @throws ServiceError `request-refused` where nobody will get it, `challenge-unavailable` where nobody can tell yet
   */
  async release(key: CertificateKey): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const held = await this.find(key);
      if (held === undefined) return;
      const verdict = await this.verdict(held);
      if (verdict.released ? await this.open(held) : await this.withdraw(held, verdict)) {
        if (verdict.released) return;
        throw refused(verdict);
      }
    }
    throw new ServiceError('overloaded', 'others are at this certificate, try again shortly');
  }

  /** Sees to all that has waited for too long: to tell the service is tried again, and given up after the deadline. */
  async finishDue(): Promise<void> {
    const { rows } = await this.pool.query<{ authority_id: number; serial_number: Buffer; alias_id: number }>(
      READ_DUE.with({ now: this.clock.now() }),
    );
    // A service that does not answer is asked once: other jobs wait for this one.
    const silent = new Set<number>();
    for (const { authority_id: authorityId, serial_number: serialNumber, alias_id: aliasId } of rows)
      if (!silent.has(aliasId) && !(await this.finished({ authorityId, serialNumber }))) silent.add(aliasId);
  }

  /**
   * Tells the service, where one is asked, that a request which it has found right gets no certificate. A failure is
   * logged and changes nothing.
   * @param error why
   */
  async tellRefusal(
    { alias, transactionID, certificationRequest }: EnrolmentRequest,
    error: ServiceError,
  ): Promise<void> {
    const releasing = this.challenges.releasingOf(alias.challenge.kind);
    const request = { alias, transactionID, certificationRequest: certificationRequest.der };
    if (releasing !== undefined) await this.tell(releasing, request, error);
  }

  /** False: the service does not answer. What else goes wrong with one certificate keeps no other waiting. */
  private async finished(key: CertificateKey): Promise<boolean> {
    try {
      return await this.finish(key);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.logger.warn({ err: error, serialNumber: key.serialNumber.toString('hex') }, 'certificate not released');
      return true;
    }
  }

  private async finish(key: CertificateKey): Promise<boolean> {
    const now = this.clock.now();
    const line = { serialNumber: key.serialNumber.toString('hex') };
    try {
      await this.release(key);
      this.logger.info(line, 'certificate released for a device that has not come back for it');
      return true;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const reason = error.explanation ?? error.publicDetail;
      this.logger.warn({ ...line, code: error.code, reason }, 'certificate not released');
      if (error.code !== 'challenge-unavailable') {
        // Withdrawn as a rule. Where it is not, as under a key that is gone, it is not to be in the way of others each time.
        const nextAttemptAt = new Date(now.getTime() + LONGEST_PAUSE_MS);
        await this.pool.query(POSTPONE.with({ ...key, nextAttemptAt, reason }));
        return true;
      }
      const held = await this.find(key);
      if (held === undefined) return true;
      const { service, row } = held;
      const deadline = service?.releasing.deadline(service.alias, row.issued_at) ?? row.issued_at;
      if (deadline <= now)
        await this.withdraw(held, {
          released: false,
          rule: 'challenge.release-deadline',
          explanation: `the service could not be told of the certificate until ${deadline.toISOString()}: ${reason}`,
        });
      else await this.postpone(held, reason, error.retryAfterSeconds);
      return false;
    }
  }

  /**
   * Undefined: it is released.
   * @throws ServiceError `request-refused` where it is withdrawn
   */
  private async find(key: CertificateKey): Promise<Held | undefined> {
    const { rows } = await this.pool.query<HeldRow>(READ_HELD.with({ ...key }));
    const [row] = rows;
    if (row === undefined) throw refused({ rule: 'challenge.release', explanation: 'the certificate is gone' });
    const { alias_id: aliasId, sealed_request: sealed } = row;
    if (aliasId === null) return undefined;
    if (row.withdrawn_at !== null || sealed === null)
      throw refused({
        rule: 'challenge.release',
        explanation: 'the service has refused the certificate, which is revoked',
      });
    const alias = (await this.aliases.get()).byId(aliasId);
    const releasing = this.challenges.releasingOf(row.kind as ChallengeKindName);
    if (alias === undefined || releasing === undefined) return { ...key, row, service: undefined };
    const certificationRequest = this.requests.open(key.authorityId, key.serialNumber, sealed);
    const request = { alias, transactionID: row.transaction_id, certificationRequest };
    return { ...key, row, service: { alias, releasing, request } };
  }

  private async verdict({ row, service }: Held): Promise<ReleaseVerdict> {
    if (service === undefined) return withdrawn('its alias is gone, so that nobody can be told of the certificate');
    if (row.revoked_at !== null) return withdrawn('the certificate was revoked before the service was told of it');
    if (row.replaced) return withdrawn('another certificate was issued in its place before the service was told of it');
    const certificate = Certificate.read(row.certificate);
    return service.releasing.announce({ ...service.request, certificate, authority: row.authority });
  }

  private async open({ authorityId, serialNumber }: Held): Promise<boolean> {
    const now = this.clock.now();
    const { rows } = await this.pool.query<{ released: number }>(RELEASE.with({ authorityId, serialNumber, now }));
    return rows[0]?.released === 1;
  }

  /** False: somebody else has decided meanwhile. */
  private async withdraw(held: Held, verdict: Withdrawal): Promise<boolean> {
    const { authorityId, serialNumber, row, service } = held;
    const now = this.clock.now();
    const mark = WITHDRAW.with({ authorityId, serialNumber, now, reason: verdict.explanation });
    if (row.revoked_at === null) {
      if (!(await this.revoke(held, mark))) return false;
    } else {
      const { rows } = await this.pool.query<Withdrawn>(mark);
      if (rows[0]?.withdrawn !== 1) return false;
    }
    if (service !== undefined) await this.tell(service.releasing, service.request, refused(verdict));
    return true;
  }

  private async revoke({ row, serialNumber }: Held, mark: NamedStatement): Promise<boolean> {
    try {
      await this.revocation.revoke('gateway', row.authority, serialNumber, REASON, {
        proviso: async (manager) => {
          const [marked] = await manager.query<Withdrawn[]>(mark.text, [...mark.values]);
          return marked?.withdrawn === 1;
        },
      });
      return true;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'conflict') return false;
      throw error;
    }
  }

  private async tell(releasing: Releasing, request: ValidatedRequest, error: ServiceError): Promise<void> {
    try {
      await releasing.announceRefusal(request, error.code, error.explanation ?? error.publicDetail);
    } catch (cause) {
      this.logger.warn({ err: cause, alias: request.alias.name }, 'the service was not told of a refusal');
    }
  }

  private async postpone(
    { authorityId, serialNumber, row }: Held,
    reason: string,
    retryAfterSeconds = 0,
  ): Promise<void> {
    const pause = Math.max(Math.min(2 ** row.attempts * MINUTE_MS, LONGEST_PAUSE_MS), retryAfterSeconds * 1000);
    const nextAttemptAt = new Date(this.clock.now().getTime() + pause);
    await this.pool.query(POSTPONE.with({ authorityId, serialNumber, nextAttemptAt, reason }));
  }
}

interface Withdrawn {
  readonly withdrawn: number;
}

type Withdrawal = Extract<ReleaseVerdict, { released: false }>;

const withdrawn = (explanation: string): Withdrawal => ({ released: false, rule: 'challenge.release', explanation });

const refused = ({ rule, explanation }: Pick<Withdrawal, 'rule' | 'explanation'>): ServiceError =>
  new ServiceError(
    'request-refused',
    'the service that validates requests here has not accepted the certificate, which is revoked: make a new request',
    { rule, explanation },
  );
