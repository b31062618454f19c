import { Inject, Injectable } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import { AuditLog } from '../audit/audit-log';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { AdvisoryLock } from '../database/advisory-lock';
import { ConfigurationVersion } from '../database/configuration-version';
import { constraintViolation } from '../database/constraint-violation';
import { CertificateListBuilder } from '../pki/x509/certificate-list';
import type { Authority, FormerGeneration } from './authority';
import { crlHorizon, type CrlTimes } from './crl-schedule';
import { wholeSeconds } from './validity';

/** A CRL that was issued, without its octets. */
export interface IssuedCrl extends CrlTimes {
  /** Number of the authority's generation. */
  readonly generation: number;
  /** cRLNumber. */
  readonly number: bigint;
  readonly entries: number;
}

interface PresentState {
  readonly now: Date;
  readonly newest: (CrlTimes & { readonly number: bigint }) | undefined;
  readonly revision: string;
}

interface RevokedRow {
  readonly serial_number: Buffer;
  /** Seconds since 1970. */
  readonly revoked_at: number;
  readonly reason: number;
}

/** Rows that are held at a time; the event loop gets its turn after each. */
const BATCH = 2000;
const MAX_ATTEMPTS = 5;

const STATE = `select c.number, c.this_update, c.next_update,
    coalesce((select revision from revocation_revisions where generation_id = $1), 0) as revision
  from (values (1)) one left join lateral (select number, this_update, next_update from crls
    where generation_id = $1 order by number desc limit 1) c on true`;

const REVOKED = `declare revoked no scroll cursor for
  select serial_number, extract(epoch from date_trunc('second', revoked_at))::float8 as revoked_at,
    revocation_reason as reason
  from certificates where generation_id = $1 and revoked_at is not null and not_after >= $2 order by serial_number`;

/** Builds the next CRL of a generation, signs and stores it. */
@Injectable()
export class CrlWriter {
  constructor(
    private readonly advisoryLock: AdvisoryLock,
    private readonly configurationVersion: ConfigurationVersion,
    private readonly auditLog: AuditLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Issues a CRL that shows at least what was committed when this was called.
   *
   * @param actor for the audit log
   * @throws ServiceError `conflict` where the CA certificate does not allow the key to sign CRLs, `authority-unavailable`
   *   where it has expired, `overloaded` where others were always faster
   */
  async write(authority: Authority, generation: FormerGeneration, actor: string): Promise<IssuedCrl> {
    refuseUnfit(generation, this.clock.now());
    // One at a time for all gateways, to save work; the primary key decides where two do it all the same.
    const issued = await this.advisoryLock.withLock(`crl/${generation.id}`, async (runner) => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const crl = await this.attempt(runner, authority, generation, actor);
        if (crl !== undefined) return crl;
      }
      throw new ServiceError('overloaded', 'other gateways are issuing CRLs of this authority all the time');
    });
    await this.configurationVersion.refresh();
    return issued;
  }

  /**
   * The list is read in the snapshot that the number follows from. So whoever has the higher number has read later, and
   * no revocation that was on one CRL is missing from the next.
   *
   * @returns undefined if someone else has issued the CRL of that number meanwhile
   */
  private async attempt(
    runner: QueryRunner,
    authority: Authority,
    generation: FormerGeneration,
    actor: string,
  ): Promise<IssuedCrl | undefined> {
    await runner.startTransaction('REPEATABLE READ');
    try {
      const state = await this.state(runner, generation);
      const list = await readRevoked(runner, generation, crlHorizon(state.newest, authority.crls, state.now));
      const crl = await this.store(runner, authority, generation, state, list);
      await this.auditLog.append(runner.manager, {
        actor,
        action: 'authority.issue-crl',
        target: `authorities/${authority.name}`,
        details: { generation: generation.number, number: String(crl.number), entries: crl.entries },
      });
      await runner.commitTransaction();
      return crl;
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      if (constraintViolation(error)?.constraint === 'crls_pkey') return undefined;
      throw error;
    }
  }

  private async state(runner: QueryRunner, { id }: FormerGeneration): Promise<PresentState> {
    const [row] = (await runner.query(STATE, [id])) as [
      { number: string | null; this_update: Date; next_update: Date; revision: string },
    ];
    const { number, this_update: thisUpdate, next_update: nextUpdate, revision } = row;
    const newest = number === null ? undefined : { number: BigInt(number), thisUpdate, nextUpdate };
    return { now: wholeSeconds(this.clock.now()), newest, revision };
  }

  private async store(
    runner: QueryRunner,
    { crls }: Authority,
    generation: FormerGeneration,
    { now, newest, revision }: PresentState,
    list: CertificateListBuilder,
  ): Promise<IssuedCrl> {
    const number = (newest?.number ?? 0n) + 1n;
    const nextUpdate = new Date(now.getTime() + crls.validityMs);
    const der = await list.sign({
      issuer: generation.certificate.subject,
      thisUpdate: now,
      nextUpdate,
      number,
      authorityKeyIdentifier: generation.authorityKeyIdentifier,
      signer: generation.signer,
      digest: generation.digest,
    });
    await runner.query(
      `insert into crls (generation_id, number, revision, this_update, next_update, entries, crl)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [generation.id, number, revision, now, nextUpdate, list.entries, der],
    );
    await runner.query('delete from crls where generation_id = $1 and number < $2', [generation.id, number - 1n]);
    return { generation: generation.number, number, thisUpdate: now, nextUpdate, entries: list.entries };
  }
}

async function readRevoked(
  runner: QueryRunner,
  { id }: FormerGeneration,
  horizon: Date,
): Promise<CertificateListBuilder> {
  const list = new CertificateListBuilder();
  await runner.query(REVOKED, [id, horizon]);
  for (;;) {
    const rows = (await runner.query(`fetch ${BATCH} from revoked`)) as RevokedRow[];
    for (const row of rows) list.add(row.serial_number, row.revoked_at * 1000, row.reason);
    if (rows.length < BATCH) break;
  }
  await runner.query('close revoked');
  return list;
}

function refuseUnfit({ certificate }: FormerGeneration, now: Date): void {
  if (certificate.keyUsage?.has('cRLSign') === false)
    throw new ServiceError('conflict', 'the keyUsage of the CA certificate does not allow to sign CRLs');
  if (certificate.notAfter < now)
    throw new ServiceError('authority-unavailable', 'the CA certificate has expired, its CRLs would be worth nothing');
}
