import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { asStorable } from '../common/storable-text';
import { DevicePool } from '../database/pg-pool';

/** Something that came to an alias and could not be decoded. */
export interface Undecodable {
  readonly alias: string;
  /** What was wrong with it: one of a few fixed texts, never anything of what was sent. */
  readonly cause: string;
  /** Address of the client. */
  readonly source: string;
}

interface Count {
  readonly day: string;
  readonly alias: string;
  readonly cause: string;
  occurrences: number;
  lastSource: string;
  lastAt: Date;
}

/** How often what was counted is written down. */
export const FLUSH_INTERVAL_MS = 5_000;
/** So many kinds are told apart between two flushes; the rest is counted together. */
export const MAX_KINDS = 500;
const REST = 'anything else';
const LONGEST_TEXT = 200;

const ADD = `
insert into undecodable_requests as u (day, alias, cause, occurrences, last_source, last_at)
select * from unnest($1::date[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::timestamptz[])
on conflict (day, alias, cause) do update set
  occurrences = u.occurrences + excluded.occurrences,
  last_source = case when excluded.last_at >= u.last_at then excluded.last_source else u.last_source end,
  last_at = greatest(u.last_at, excluded.last_at)`;

/**
 * Counts by day, alias and cause what could not be decoded: whoever sends garbage by the thousand shall not fill the
 * database. Counts are kept in memory and added to the table every few seconds and at the end.
 */
@Injectable()
export class UndecodableCounter implements OnModuleInit, OnApplicationShutdown {
  private counts = new Map<string, Count>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: DevicePool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Begins to write down from time to time. */
  onModuleInit(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS);
    this.timer.unref();
  }

  /** Writes down what is left. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  /** Counts one. */
  count({ alias, cause, source }: Undecodable): void {
    const now = this.clock.now();
    const text = storable(cause);
    const day = now.toISOString().slice(0, 10);
    const key = `${day}/${alias}/${text}`;
    const known = this.counts.get(key);
    if (known === undefined && this.counts.size >= MAX_KINDS && text !== REST) {
      this.count({ alias: '', cause: REST, source });
      return;
    }
    const count = known ?? {
      day,
      alias: storable(alias),
      cause: text,
      occurrences: 0,
      lastSource: source,
      lastAt: now,
    };
    count.occurrences += 1;
    count.lastSource = source;
    count.lastAt = now;
    this.counts.set(key, count);
  }

  /** Adds the counts to the table. If the database cannot be reached they are kept for the next time. */
  async flush(): Promise<void> {
    if (this.counts.size === 0) return;
    const counts = [...this.counts.values()];
    this.counts = new Map();
    try {
      await this.pool.query({ name: 'undecodable-add', text: ADD, values: columnsOf(counts) });
    } catch (error) {
      // Whether the table has them is not always known then; a figure that is too high by a few does no harm.
      this.logger.warn({ err: error }, 'the counts of undecodable requests could not be written');
      this.putBack(counts);
    }
  }

  private putBack(counts: readonly Count[]): void {
    for (const count of counts) {
      const key = `${count.day}/${count.alias}/${count.cause}`;
      const newer = this.counts.get(key);
      if (newer === undefined) this.counts.set(key, count);
      else newer.occurrences += count.occurrences;
    }
  }
}

const storable = (text: string): string => asStorable(text).slice(0, LONGEST_TEXT);

// Sorted, so that two gateways that flush at once lock the rows in the same order.
function columnsOf(counts: Count[]): unknown[][] {
  const rows = counts.sort((a, b) => compare(a.day, b.day) || compare(a.alias, b.alias) || compare(a.cause, b.cause));
  return [
    rows.map(({ day }) => day),
    rows.map(({ alias }) => alias),
    rows.map(({ cause }) => cause),
    rows.map(({ occurrences }) => occurrences),
    rows.map(({ lastSource }) => lastSource),
    rows.map(({ lastAt }) => lastAt),
  ];
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
