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
import { crlScope } from './crl-scope';
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
  /** Of those of all generations in the scope. */
  readonly newest: (CrlTimes & { readonly number: bigint }) | undefined;
  /** Of each generation. */
  readonly revisions: readonly string[];
}

interface StateRow {
  readonly number: string | null;
  readonly this_update: Date;
  readonly next_update: Date;
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
    coalesce((select revision from revocation_revisions r where r.generation_id = g.id), 0) as revision
  from unnest($1::integer[]) with ordinality as g (id, place)
  left join lateral (select number, this_update, next_update from crls
    where generation_id = g.id order by number desc limit 1) c on true
  order by g.place`;

const STORE = `insert into crls (generation_id, number, revision, this_update, next_update, entries, crl)
  select g.id, $3, g.revision, $4, $5, $6, $7 from unnest($1::integer[], $2::bigint[]) as g (id, revision)`;

/**
 * What is on the CRL of so many generations (their ids are the parameters from $2 on): one part for each, so that an index
 * gives each in order and they are merged. $1: the horizon.
 */
export function selectRevoked(generations: number): string {
  const parts = Array.from(
    { length: generations },
    (_, i) => `(select serial_number, extract(epoch from date_trunc('second', revoked_at))::float8 as revoked_at,
        revocation_reason as reason
      from certificates where generation_id = $${i + 2} and revoked_at is not null and not_after >= $1
      order by serial_number)`,
  );
  const all = parts.join(' union all ');
  return generations === 1 ? all : `${all} order by serial_number`;
}

/** Builds the next CRL of a generation, and of those that share it ({@link crlScope}), signs and stores it. */
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
    const scope = crlScope(authority, generation).map(({ id }) => id);
    const issued = await this.advisoryLock.withLock(`crl/${Math.min(...scope)}`, async (runner) => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const crl = await this.attempt(runner, authority, generation, scope, actor);
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
    scope: readonly number[],
    actor: string,
  ): Promise<IssuedCrl | undefined> {
    await runner.startTransaction('REPEATABLE READ');
    try {
      const state = await this.state(runner, scope);
      const list = await readRevoked(runner, scope, crlHorizon(state.newest, authority.crls, state.now));
      const crl = await this.store(runner, authority, generation, scope, state, list);
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

  private async state(runner: QueryRunner, scope: readonly number[]): Promise<PresentState> {
    const rows = (await runner.query(STATE, [scope])) as StateRow[];
    let newest: PresentState['newest'];
    for (const { number, this_update: thisUpdate, next_update: nextUpdate } of rows)
      if (number !== null && (newest === undefined || BigInt(number) > newest.number))
        newest = { number: BigInt(number), thisUpdate, nextUpdate };
    return { now: wholeSeconds(this.clock.now()), newest, revisions: rows.map(({ revision }) => revision) };
  }

  private async store(
    runner: QueryRunner,
    { crls }: Authority,
    generation: FormerGeneration,
    scope: readonly number[],
    { now, newest, revisions }: PresentState,
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
    await runner.query(STORE, [scope, revisions, number, now, nextUpdate, list.entries, der]);
    await runner.query('delete from crls where generation_id = any($1) and number < $2', [scope, number - 1n]);
    return { generation: generation.number, number, thisUpdate: now, nextUpdate, entries: list.entries };
  }
}

async function readRevoked(
  runner: QueryRunner,
  scope: readonly number[],
  horizon: Date,
): Promise<CertificateListBuilder> {
  const list = new CertificateListBuilder();
  await runner.query(`declare revoked no scroll cursor for ${selectRevoked(scope.length)}`, [horizon, ...scope]);
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
