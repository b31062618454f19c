import { setTimeout as delay } from 'node:timers/promises';
import { type Endpoint, HttpConnection, type HttpReply } from './http-connection';
import type { LoadShape } from './options';

/** What to send where, and how. */
export interface LoadPlan {
  readonly endpoint: Endpoint;
  readonly shape: LoadShape;
  /** Whether connections are kept from one request to the next. */
  readonly reuse: boolean;
  /** Number of enrolments. */
  readonly size: number;
  /** No enrolment is begun after so many seconds. */
  readonly seconds: number;
  /** The HTTP requests of one enrolment, in their order. */
  readonly requests: (index: number) => readonly Buffer[];
  /** What is wrong with the last answer; undefined if it is a certificate. */
  readonly complaint: (index: number, reply: HttpReply) => string | undefined;
}

/** What came of it. */
export interface LoadResult {
  readonly succeeded: number;
  /** What went wrong, and how often. */
  readonly failures: ReadonlyMap<string, number>;
  /** Of those that succeeded, in ms. At a fixed rate from the moment at which the request was due. */
  readonly latenciesMs: readonly number[];
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
}

/** Connections at a fixed rate, at most: what is due beyond them waits, and its time runs. */
const MAX_LANES = 512;

/** Sends everything, or what the time allows. Never throws for what the server does. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const run = new LoadRun(plan);
  if (plan.shape.kind === 'closed') await run.closedLoop(plan.shape.concurrency);
  else await run.fixedRate(plan.shape.perSecond);
  return run.result();
}

class LoadRun {
  private readonly began = performance.now();
  private ended = this.began;
  private readonly latenciesMs: number[] = [];
  private readonly failures = new Map<string, number>();

  constructor(private readonly plan: LoadPlan) {}

  result(): LoadResult {
    const { latenciesMs, failures } = this;
    return { succeeded: latenciesMs.length, failures, latenciesMs, elapsedMs: this.ended - this.began };
  }

  async closedLoop(concurrency: number): Promise<void> {
    const indices = this.indices();
    const lane = async (): Promise<void> => {
      const connection = this.connection();
      for (const index of indices) await this.enrol(index, connection, performance.now());
      connection.close();
    };
    await Promise.all(Array.from({ length: concurrency }, lane));
  }

  async fixedRate(perSecond: number): Promise<void> {
    const idle: HttpConnection[] = [];
    const lanes: Promise<void>[] = [];
    const due: { index: number; at: number }[] = [];
    const work = async (connection: HttpConnection): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift())
        await this.enrol(next.index, connection, next.at);
      idle.push(connection);
    };
    let opened = 0;
    for (const index of this.indices()) {
      const at = this.began + (index * 1000) / perSecond;
      const early = at - performance.now();
      if (early > 0) await delay(Math.ceil(early));
      due.push({ index, at });
      const connection = idle.pop() ?? (opened++ < MAX_LANES ? this.connection() : undefined);
      if (connection !== undefined) lanes.push(work(connection));
    }
    await Promise.all(lanes);
    for (const connection of idle) connection.close();
  }

  private connection(): HttpConnection {
    return new HttpConnection(this.plan.endpoint, this.plan.reuse);
  }

  private *indices(): Generator<number> {
    const deadline = this.began + this.plan.seconds * 1000;
    for (let index = 0; index < this.plan.size && performance.now() < deadline; index++) yield index;
  }

  private async enrol(index: number, connection: HttpConnection, since: number): Promise<void> {
    const complaint = await this.exchange(index, connection);
    this.ended = performance.now();
    if (complaint === undefined) this.latenciesMs.push(this.ended - since);
    else this.failures.set(complaint, (this.failures.get(complaint) ?? 0) + 1);
  }

  private async exchange(index: number, connection: HttpConnection): Promise<string | undefined> {
    try {
      let reply: HttpReply | undefined;
      for (const request of this.plan.requests(index)) {
        reply = await connection.send(request);
        if (reply.status !== 200) return `HTTP ${reply.status}`;
      }
      return reply === undefined ? 'nothing to send' : this.plan.complaint(index, reply);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
