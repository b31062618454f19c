import { type EnrolmentMessage, readEnrolmentReply } from '../src/client/enrolment-message';
import { BENCH_NAME, type BenchTarget, getCaCert, prepareAlias, SCEP_PATH, withGateway } from './bench-target';
import { generateIdentities, planFleet } from './client-fleet';
import { encodeFleet } from './fleet-encoder';
import { type Endpoint, type HttpReply, requestBytes } from './http-connection';
import { type LoadResult, runLoad } from './load';
import type { BenchOptions } from './options';
import { type CpuFigures, cpuPer, Observer } from './observer';
import type { ProcessFigures } from './process-figures';
import { complaintAbout } from './reply-judge';
import { measureRsaRate } from './rsa-bound';

/** What a run gave. */
export interface BenchFigures {
  readonly load: LoadResult;
  /** RSA-2048 private operations per second on all cores, before and after the measured part. */
  readonly rsaRate: { readonly before: number; readonly after: number };
  /** CPU per enrolment in ms; undefined where it cannot be read. */
  readonly cpuMs: CpuFigures | undefined;
  /** The gateway's processes after the run. */
  readonly processes: readonly ProcessFigures[];
  /** PostgreSQL transactions per enrolment; undefined where the database is not the gateway's own. */
  readonly databaseTransactions: number | undefined;
}

/** Each so many answers one is read to the end: signature, envelope, certificate. */
const EXAMINED = 100;

/**
 * Measures enrolments.
 *
 * @param say told what is going on
 */
export async function measureEnrolments(options: BenchOptions, say: (text: string) => void): Promise<BenchFigures> {
  say(`generating ${options.keys} RSA-2048 key pairs, which the clients share`);
  const identities = await generateIdentities(options.keys);
  return withGateway(options, say, (target) => measure(target, identities, options, say));
}

type Identities = Awaited<ReturnType<typeof generateIdentities>>;

async function measure(
  target: BenchTarget,
  identities: Identities,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<BenchFigures> {
  const fleet = planFleet(options.warmup + options.requests, identities.length);
  say(`registering ${fleet.length} end entities`);
  await prepareAlias(target.api, {});
  await target.api.register(
    fleet.map(({ username, enrolmentCode }) => ({ username, enrolmentCode, authority: BENCH_NAME })),
  );
  const ca = await getCaCert(target.url);
  say(`encoding ${fleet.length} requests`);
  const messages = await encodeFleet(fleet, identities, ca);
  const shooting = new Shooting(target, options);
  if (options.warmup > 0) {
    say(`${options.warmup} enrolments to warm up`);
    const { failures } = await shooting.run(messages.slice(0, options.warmup));
    if (failures.size > 0) throw new Error(`while warming up: ${describeFailures(failures)}`);
  }
  return measureRun(target, shooting, messages.slice(options.warmup), say);
}

async function measureRun(
  target: BenchTarget,
  shooting: Shooting,
  messages: readonly EnrolmentMessage[],
  say: (text: string) => void,
): Promise<BenchFigures> {
  const observer = await Observer.create(target);
  say('measuring RSA');
  const before = await measureRsaRate();
  say(`up to ${messages.length} enrolments`);
  await observer.beginCounting();
  observer.begin();
  const load = await shooting.run(messages);
  const observed = observer.end();
  say('measuring RSA');
  const after = await measureRsaRate();
  await shooting.examine();
  const enrolments = Math.max(1, load.succeeded);
  const databaseTransactions = await observer.transactionsPer(enrolments);
  await observer.close();
  return {
    load,
    rsaRate: { before, after },
    cpuMs: observed.cpuMs && cpuPer(observed.cpuMs, enrolments),
    processes: observed.processes,
    databaseTransactions,
  };
}

/** One line of what went wrong, the most frequent first. */
export function describeFailures(failures: ReadonlyMap<string, number>): string {
  const rows = [...failures].sort(([, a], [, b]) => b - a);
  return rows.map(([text, count]) => `${count} times ${text}`).join(', ');
}

/** Sends prepared requests and keeps some of the answers. */
export class Shooting {
  private readonly endpoint: Endpoint;
  private kept: { message: EnrolmentMessage; body: Buffer }[] = [];

  /** @param path of the alias */
  constructor(
    target: BenchTarget,
    private readonly options: BenchOptions,
    private readonly path = SCEP_PATH,
  ) {
    this.endpoint = { host: target.url.hostname, port: Number(target.url.port || 80) };
  }

  /** Sends them, and tells how it went. */
  run(messages: readonly EnrolmentMessage[]): Promise<LoadResult> {
    this.kept = [];
    const { load: shape, seconds, newConnections, fullExchange } = this.options;
    const before = fullExchange ? ['GetCACaps', 'GetCACert'].map((operation) => this.get(operation)) : [];
    return runLoad({
      endpoint: this.endpoint,
      shape,
      seconds,
      reuse: !newConnections,
      size: messages.length,
      requests: (index) => [...before, this.post((messages[index] as EnrolmentMessage).bytes)],
      complaint: (index, reply) => this.judge(index, messages[index] as EnrolmentMessage, reply),
    });
  }

  /** Reads the answers that were kept as a client does; throws for one that is no certificate for its client. */
  async examine(): Promise<void> {
    for (const { message, body } of this.kept) {
      const { pkiStatus } = await readEnrolmentReply(body, message);
      if (pkiStatus !== 'SUCCESS') throw new Error(`${message.transactionID}: ${pkiStatus}`);
    }
  }

  private judge(index: number, message: EnrolmentMessage, reply: HttpReply): string | undefined {
    const complaint = complaintAbout(reply, message.transactionID);
    if (complaint === undefined && index % EXAMINED === 0) this.kept.push({ message, body: reply.body });
    return complaint;
  }

  private get(operation: string): Buffer {
    return requestBytes('GET', `${this.path}?operation=${operation}`, this.endpoint);
  }

  private post(body: Buffer): Buffer {
    return requestBytes('POST', `${this.path}?operation=PKIOperation`, this.endpoint, body);
  }
}
