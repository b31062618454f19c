import { availableParallelism } from 'node:os';
import { BareServer } from './bare-server';
import { BENCH_NAME, type BenchTarget, SCEP_PATH } from './bench-target';
import { type Endpoint, HttpConnection, requestBytes } from './http-connection';
import { type LoadResult, runLoad } from './load';
import { Observer } from './observer';
import type { BenchOptions } from './options';
import { CAN_READ_PROCESSES, cpuOf, readProcessTree } from './process-figures';

/** What the gateway serves from memory, each by a GET. */
const QUERIES = {
  GetCACaps: `${SCEP_PATH}?operation=GetCACaps`,
  GetCACert: `${SCEP_PATH}?operation=GetCACert`,
  CRL: `/crl/${BENCH_NAME}.crl`,
} as const;

/** What is asked for, and `bare`: a server that does nothing but answer. */
export type QueryName = keyof typeof QUERIES | 'bare';

/** What one kind of query gave. */
export interface QueryFigures {
  readonly name: QueryName;
  readonly load: LoadResult;
  /** CPU of the server for each, in ms; undefined where it cannot be read. */
  readonly cpuMs: number | undefined;
  /** Size of the answer. */
  readonly octets: number;
}

/** What all of them gave. */
export interface QueryBenchFigures {
  readonly queries: readonly QueryFigures[];
  /** PostgreSQL transactions per query to the gateway; undefined where the database is not the gateway's own. */
  readonly databaseTransactions: number | undefined;
}

// By turns, so that what else goes on on this machine meets all alike.
const ROUNDS = 3;

/**
 * Measures the queries that are answered from memory, and in the same rounds a bare HTTP server that sends the bytes of
 * GetCACert.
 *
 * @param say told what is going on
 */
export async function measureQueries(
  target: BenchTarget,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<QueryBenchFigures> {
  await target.api.post(`authorities/${BENCH_NAME}/crl`, {});
  const gateway: Endpoint = { host: target.url.hostname, port: Number(target.url.port || 80) };
  const body = (await ask(gateway, QUERIES.GetCACert)).toString('base64');
  const workers = options.workers ?? availableParallelism();
  const bare = await BareServer.start({ workers, contentType: 'application/x-x509-ca-cert', body });
  const observer = await Observer.create(target);
  try {
    const lanes = [
      ...Object.entries(QUERIES).map(([name, path]) => new Lane(name as QueryName, gateway, path, target.pid, options)),
      new Lane('bare', bare.endpoint, '/', bare.pid, options),
    ];
    await observer.beginCounting();
    for (const lane of lanes) await lane.warmUp();
    for (let round = 1; round <= ROUNDS; round++) {
      say(`queries, round ${round} of ${ROUNDS}`);
      for (const lane of lanes) await lane.run();
      // None is always the first after what the others have left behind.
      lanes.push(...lanes.splice(0, 1));
    }
    observer.end();
    const queries = lanes.map((lane) => lane.figures()).sort((a, b) => a.name.localeCompare(b.name));
    const sent = queries.filter(({ name }) => name !== 'bare').reduce((sum, { load }) => sum + load.succeeded, 0);
    return { queries, databaseTransactions: await observer.transactionsPer(Math.max(1, sent)) };
  } finally {
    await observer.close();
    await bare.stop();
  }
}

async function ask(endpoint: Endpoint, path: string): Promise<Buffer> {
  const connection = new HttpConnection(endpoint, false);
  const { status, body } = await connection.send(requestBytes('GET', path, endpoint));
  if (status !== 200) throw new Error(`GET ${path}: HTTP ${status}`);
  return body;
}

/** One kind of query, with the sums of its rounds. */
class Lane {
  private readonly request: Buffer;
  private readonly latenciesMs: number[] = [];
  private readonly failures = new Map<string, number>();
  private elapsedMs = 0;
  private usedMs = 0;
  private octets = 0;

  constructor(
    readonly name: QueryName,
    private readonly endpoint: Endpoint,
    path: string,
    private readonly pid: number | undefined,
    private readonly options: BenchOptions,
  ) {
    this.request = requestBytes('GET', path, endpoint);
  }

  warmUp(): Promise<LoadResult> {
    return this.send(this.options.warmup);
  }

  async run(): Promise<void> {
    const before = this.cpu();
    const { latenciesMs, failures, elapsedMs } = await this.send(this.options.requests);
    this.usedMs += this.cpu() - before;
    this.elapsedMs += elapsedMs;
    // Not spread into one call, which has room for some ten thousand.
    for (const latency of latenciesMs) this.latenciesMs.push(latency);
    for (const [cause, count] of failures) this.failures.set(cause, (this.failures.get(cause) ?? 0) + count);
  }

  figures(): QueryFigures {
    const { name, latenciesMs, failures, elapsedMs, octets } = this;
    const succeeded = latenciesMs.length;
    const readable = this.pid !== undefined && CAN_READ_PROCESSES;
    const cpuMs = readable ? this.usedMs / Math.max(1, succeeded) : undefined;
    return { name, load: { succeeded, failures, latenciesMs, elapsedMs }, cpuMs, octets };
  }

  private send(size: number): Promise<LoadResult> {
    const { endpoint, request } = this;
    const { load: shape, seconds, newConnections } = this.options;
    return runLoad({
      endpoint,
      shape,
      seconds,
      reuse: !newConnections,
      size,
      requests: () => [request],
      complaint: (_, { body }) => {
        this.octets = body.length;
        return body.length === 0 ? 'an empty answer' : undefined;
      },
    });
  }

  private cpu(): number {
    return this.pid === undefined || !CAN_READ_PROCESSES ? 0 : cpuOf(readProcessTree(this.pid), 'gateway');
  }
}
