import { Inject, Injectable } from '@nestjs/common';
import type { Alias } from '../aliases/alias';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import type { Authority } from '../authorities/authority';
import { parseSerialNumber } from '../certificates/serial-number';
import { IntuneConnections } from '../challenges/intune/intune-connections';
import { IntuneUnavailable } from '../challenges/intune/intune-unavailable';
import type {
  RevocationErrorCode,
  RevocationRequest,
  RevocationRequests,
  RevocationResult,
} from '../challenges/intune/revocation-requests';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { statement } from '../database/named-parameters';
import { DevicePool } from '../database/pg-pool';
import { CertificateRevocation } from '../end-entities/certificate-revocation';
import type { Job } from './job';

const FIVE_MINUTES_MS = 300_000;
/** Of one authority in one run; what is left comes in the next. */
const MOST_ROUNDS = 10;
const REQUESTS_A_ROUND = 100;
const ACTOR = 'intune';

/** The service gives no reason with a request. */
const REASON = 'unspecified';

/** Only what was issued by way of an alias that this tenant's service validates for: it has no say in other certificates. */
const FIND = statement(
  'intune-revocation',
  `select revoked_at, revocation_reason from certificates
  where authority_id = :authorityId and serial_number = :serialNumber and alias_id = any(:aliasIds::integer[])`,
);

/** Number of certificateHold (RFC 5280 section 5.3.1): such a one can still be revoked for good. */
const ON_HOLD = 6;

/** Revokes what Microsoft Intune wants to be revoked, and tells it so. */
@Injectable()
export class IntuneRevocationJob implements Job {
  readonly name = 'intune-revocation';
  readonly everyMs = FIVE_MINUTES_MS;

  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly authorities: AuthorityCatalogue,
    private readonly connections: IntuneConnections,
    private readonly revocation: CertificateRevocation,
    private readonly pool: DevicePool,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    const aliases = (await this.aliases.get()).all.filter(
      ({ enabled, challenge }) => enabled && challenge.kind === 'intune' && challenge.intune.revocation,
    );
    const { byId } = await this.authorities.get();
    for (const alias of aliases) {
      const aliasIds = aliases.filter((other) => sameTenant(alias, other)).map(({ id }) => id);
      const authorities = alias.authorityIds.map((id) => byId.get(id)).filter((authority) => authority !== undefined);
      await this.serve(alias, authorities, aliasIds);
    }
  }

  /** What fails with one alias keeps nobody else waiting. */
  private async serve(alias: Alias, authorities: readonly Authority[], aliasIds: readonly number[]): Promise<void> {
    const { revocationRequests } = this.connections.of(alias);
    try {
      for (const authority of authorities)
        for (const issuer of issuerNames(authority)) await this.drain(revocationRequests, authority, issuer, aliasIds);
    } catch (error) {
      if (!(error instanceof IntuneUnavailable || error instanceof ServiceError)) throw error;
      const reason = error instanceof IntuneUnavailable ? error.message : (error.explanation ?? error.publicDetail);
      this.logger.warn({ alias: alias.name, reason }, 'revocation requests could not be worked off');
    }
  }

  private async drain(
    service: RevocationRequests,
    authority: Authority,
    issuer: string,
    aliasIds: readonly number[],
  ): Promise<void> {
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const requests = await service.download(issuer, REQUESTS_A_ROUND);
      const results: RevocationResult[] = [];
      for (const request of requests) results.push(await this.revoke(authority, request, aliasIds));
      // If this fails, the requests come again, and are found to be done.
      if (results.length > 0) await service.upload(results);
      if (requests.length < REQUESTS_A_ROUND) return;
    }
  }

  private async revoke(
    authority: Authority,
    { requestContext, serialNumber: text }: RevocationRequest,
    aliasIds: readonly number[],
  ): Promise<RevocationResult> {
    const failed = (errorCode: RevocationErrorCode, errorMessage: string): RevocationResult => {
      this.logger.warn({ authority: authority.name, errorCode, errorMessage }, 'revocation request not carried out');
      return { requestContext, succeeded: false, errorCode, errorMessage };
    };
    const done: RevocationResult = { requestContext, succeeded: true, errorCode: 'None', errorMessage: null };
    const serialNumber = parseSerialNumber(text);
    if (serialNumber === undefined) return failed('ParameterDataInvalidError', 'the serial number is none');
    try {
      const { rows } = await this.pool.query<{ revoked_at: Date | null; revocation_reason: number | null }>(
        FIND.with({ authorityId: authority.id, serialNumber, aliasIds }),
      );
      const [certificate] = rows;
      if (certificate === undefined)
        return failed('CertificateNotFoundError', 'no certificate with this serial number was issued for this tenant');
      // By an earlier run, whose word did not get through, or by an administrator: it is as it is wanted.
      if (certificate.revoked_at !== null && certificate.revocation_reason !== ON_HOLD) return done;
      await this.revocation.revoke(ACTOR, authority.name, serialNumber, REASON);
      return done;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      // Another gateway was at it in the same moment.
      if (error.code === 'conflict') return done;
      return failed('RetryableServiceException', 'the gateway could not revoke the certificate now');
    }
  }
}

const sameTenant = (one: Alias, other: Alias): boolean =>
  one.challenge.intune.tenant.toLowerCase() === other.challenge.intune.tenant.toLowerCase();

/** As the service was told of them with each certificate. */
const issuerNames = ({ generations: { previous, current, next } }: Authority): string[] => [
  ...new Set(
    [current, previous, next]
      .filter((generation) => generation !== undefined)
      .map(({ certificate }) => certificate.subject.toString()),
  ),
];
