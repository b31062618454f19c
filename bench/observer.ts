import { setTimeout as delay } from 'node:timers/promises';
import type { BenchTarget } from './bench-target';
import { committedTransactions, connectToDatabase } from './gateway-database';
import { CAN_READ_PROCESSES, cpuOf, type ProcessFigures, readProcessTree } from './process-figures';

/** When PostgreSQL's idle sessions have told their figures. */
const STATISTICS_DELAY_MS = 11_000;

/** CPU time in ms. */
export interface CpuFigures {
  readonly gateway: number;
  readonly postgres: number;
  readonly loadGenerator: number;
}

/** The share of each of so many. */
export const cpuPer = ({ gateway, postgres, loadGenerator }: CpuFigures, count: number): CpuFigures => ({
  gateway: gateway / count,
  postgres: postgres / count,
  loadGenerator: loadGenerator / count,
});

type Database = Awaited<ReturnType<typeof connectToDatabase>>;

/** Reads what the gateway's processes and its database have used. */
export class Observer {
  private treeBefore: readonly ProcessFigures[] = [];
  private ownBefore = process.cpuUsage();
  private transactionsBefore = 0;
  private endedAt = 0;

  private constructor(
    private readonly pid: number | undefined,
    private readonly database: Database | undefined,
  ) {}

  /** Waits until what came before has been counted. */
  static async create({ pid, dataDir }: BenchTarget): Promise<Observer> {
    const database = dataDir === undefined ? undefined : await connectToDatabase(dataDir);
    if (database !== undefined) await delay(STATISTICS_DELAY_MS);
    return new Observer(CAN_READ_PROCESSES ? pid : undefined, database);
  }

  /** Begins to count transactions; what came before has to have been counted. */
  async beginCounting(): Promise<void> {
    if (this.database !== undefined) this.transactionsBefore = await committedTransactions(this.database);
  }

  /** Begins to measure CPU. */
  begin(): void {
    this.treeBefore = this.pid === undefined ? [] : readProcessTree(this.pid);
    this.ownBefore = process.cpuUsage();
  }

  /** Ends it. CPU is undefined where it cannot be read. */
  end(): {
    processes: readonly ProcessFigures[];
    cpuMs: CpuFigures | undefined;
  } {
    this.endedAt = performance.now();
    const { user, system } = process.cpuUsage(this.ownBefore);
    if (this.pid === undefined) return { processes: [], cpuMs: undefined };
    const processes = readProcessTree(this.pid);
    const used = (kind: ProcessFigures['kind']): number => cpuOf(processes, kind) - cpuOf(this.treeBefore, kind);
    return {
      processes,
      cpuMs: { gateway: used('gateway'), postgres: used('postgres'), loadGenerator: (user + system) / 1000 },
    };
  }

  /** Committed transactions for each of so many, once PostgreSQL knows of all; undefined where the database is not ours. */
  async transactionsPer(count: number): Promise<number | undefined> {
    if (this.database === undefined) return undefined;
    await delay(Math.max(0, this.endedAt + STATISTICS_DELAY_MS - performance.now()));
    const transactions = await committedTransactions(this.database);
    return (transactions - this.transactionsBefore) / count;
  }

  /** Ends the connection to the database. */
  async close(): Promise<void> {
    await this.database?.end();
  }
}
