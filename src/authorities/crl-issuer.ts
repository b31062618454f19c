import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import type { Authority, FormerGeneration } from './authority';
import { AuthorityCatalogue } from './authority-catalogue';
import { isCrlDue } from './crl-schedule';
import { crlIssuers, crlScope } from './crl-scope';
import { CrlWriter, type IssuedCrl } from './crl-writer';

const GATEWAY = 'gateway';

interface NewestRow {
  readonly generation_id: number;
  readonly this_update: Date;
  readonly next_update: Date;
  readonly outdated: boolean;
}

const NEWEST = `select distinct on (c.generation_id) c.generation_id, c.this_update, c.next_update,
    c.revision < coalesce(r.revision, 0) as outdated
  from crls c left join revocation_revisions r on r.generation_id = c.generation_id
  order by c.generation_id, c.number desc`;

/** Decides when CRLs are issued: after a revocation, in time, and when an administrator asks for one. */
@Injectable()
export class CrlIssuer {
  /** One at a time in this process, for each takes a connection. */
  private queue: Promise<unknown> = Promise.resolve();
  /** By generation: what has not begun yet, so that it will show whatever is committed now. */
  private readonly waiting = new Map<number, Promise<IssuedCrl>>();

  constructor(
    private readonly catalogue: AuthorityCatalogue,
    private readonly writer: CrlWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Issues the CRLs of all generations of an authority.
   *
   * @returns that of the current generation and those of all others whose certificate has not expired, the current one's first
   * @throws ServiceError `not-found` where no such authority can issue, and what `CrlWriter.write` throws
   */
  async issue(name: string, actor: string): Promise<IssuedCrl[]> {
    const authority = await this.catalogue.byName(name);
    if (authority === undefined) throw new ServiceError('not-found', `there is no authority ${name} that can issue`);
    const issued: IssuedCrl[] = [];
    for (const [index, generation] of crlIssuers(authority).entries())
      if (index === 0 || generation.certificate.notAfter >= this.clock.now())
        issued.push(await this.enqueue(authority, generation, actor));
    return issued;
  }

  /**
   * To be called after a revocation in a generation (its number) has been committed. A failure is logged: the revocation
   * stands, and the next run of {@link issueDue} makes up for the CRL.
   */
  async afterRevocation(authorityId: number, generationNumber: number): Promise<void> {
    try {
      const authority = (await this.catalogue.get()).byId.get(authorityId);
      if (authority?.crls.onRevocation !== true) return;
      const issuer = crlIssuers(authority).find((candidate) =>
        crlScope(authority, candidate).some(({ number }) => number === generationNumber),
      );
      if (issuer !== undefined) await this.attempt(authority, issuer, GATEWAY);
    } catch (error) {
      this.logger.error({ err: error }, 'no CRL could follow a revocation');
    }
  }

  /** Issues all CRLs that are due, or missing a revocation that one was to follow at once. Failures are logged. */
  async issueDue(): Promise<void> {
    const newest = await this.newest();
    for (const authority of (await this.catalogue.get()).byId.values())
      for (const issuer of crlIssuers(authority)) {
        if (issuer.certificate.notAfter < this.clock.now()) continue;
        const rows = crlScope(authority, issuer).map(({ id }) => newest.get(id));
        if (rows.some((row) => this.isDue(authority, row))) await this.attempt(authority, issuer, GATEWAY);
      }
  }

  private isDue({ crls }: Authority, row: NewestRow | undefined): boolean {
    const times = row && { thisUpdate: row.this_update, nextUpdate: row.next_update };
    return (crls.onRevocation && row?.outdated === true) || isCrlDue(times, crls, this.clock.now());
  }

  private async newest(): Promise<Map<number, NewestRow>> {
    const rows = await this.dataSource.query<NewestRow[]>(NEWEST);
    return new Map(rows.map((row) => [row.generation_id, row]));
  }

  private async attempt(authority: Authority, generation: FormerGeneration, actor: string): Promise<void> {
    try {
      await this.enqueue(authority, generation, actor);
    } catch (error) {
      const line = { err: error, authority: authority.name, generation: generation.number };
      this.logger.error(line, 'the CRL cannot be issued');
    }
  }

  private enqueue(authority: Authority, generation: FormerGeneration, actor: string): Promise<IssuedCrl> {
    const waiting = this.waiting.get(generation.id);
    if (waiting !== undefined) return waiting;
    const issued = this.queue.then(() => {
      this.waiting.delete(generation.id);
      return this.writer.write(authority, generation, actor);
    });
    this.waiting.set(generation.id, issued);
    this.queue = issued.catch(() => undefined);
    return issued;
  }
}
