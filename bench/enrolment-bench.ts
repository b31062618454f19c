import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { CaCertificates } from '../src/client/ca-certificates';
import { type EnrolmentMessage, readEnrolmentReply } from '../src/client/enrolment-message';
import { ScepClient } from '../src/client/scep-client';
import { SystemClock } from '../src/common/clock';
import { SystemRandomSource } from '../src/common/random-source';
import { AdminApi } from './admin-api';
import { generateIdentities, planFleet } from './client-fleet';
import { encodeFleet } from './fleet-encoder';
import { committedTransactions, connectToDatabase } from './gateway-database';
import { GatewayProcess } from './gateway-process';
import { type Endpoint, type HttpReply, requestBytes } from './http-connection';
import { type LoadResult, runLoad } from './load';
import type { BenchOptions } from './options';
import { CAN_READ_PROCESSES, cpuOf, type ProcessFigures, readProcessTree } from './process-figures';
import { complaintAbout } from './reply-judge';
import { measureRsaRate } from './rsa-bound';

/** What a run gave. */
export interface BenchFigures {
  readonly load: LoadResult;
  /** RSA-2048 private operations per second on all cores, before and after the measured part. */
  readonly rsaRate: { readonly before: number; readonly after: number };
  /** CPU per enrolment in ms; undefined where it cannot be read. */
  readonly cpuMs: { readonly gateway: number; readonly postgres: number; readonly loadGenerator: number } | undefined;
  /** The gateway's processes after the run. */
  readonly processes: readonly ProcessFigures[];
  /** PostgreSQL transactions per enrolment; undefined where the database is not the gateway's own. */
  readonly databaseTransactions: number | undefined;
}

/** The gateway under load. */
interface Target {
  readonly url: URL;
  readonly api: AdminApi;
  /** Process id of the primary, where it is known and of use. */
  readonly pid: number | undefined;
  /** Where the embedded database lies, if it is ours. */
  readonly dataDir: string | undefined;
}

const NAME = 'bench';
const SCEP_PATH = `/scep/${NAME}/pkiclient.exe`;
/** Each so many answers one is read to the end: signature, envelope, certificate. */
const EXAMINED = 100;
/** When PostgreSQL's idle sessions have told their figures. */
const STATISTICS_DELAY_MS = 11_000;

/**
 * Measures enrolments.
 *
 * @param say told what is going on
 */
export async function measureEnrolments(options: BenchOptions, say: (text: string) => void): Promise<BenchFigures> {
  say(`generating ${options.keys} RSA-2048 key pairs, which the clients share`);
  const identities = await generateIdentities(options.keys);
  const { gateway: given } = options;
  if (given !== undefined) {
    const api = new AdminApi(given.adminUrl, readFileSync(given.tokenFile, 'utf8').trim());
    return measure({ url: given.url, api, pid: given.pid, dataDir: undefined }, identities, options, say);
  }
  say('starting a gateway');
  const gateway = await GatewayProcess.start({ workers: options.workers, nodeOptions: profiling(options.profile) });
  const stop = (): void => {
    void gateway.remove().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const api = new AdminApi(gateway.adminUrl, gateway.adminToken);
    const target = { url: gateway.url, api, pid: gateway.pid, dataDir: gateway.dataDir };
    return await measure(target, identities, options, say);
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    await gateway.remove();
  }
}

type Identities = Awaited<ReturnType<typeof generateIdentities>>;

async function measure(
  target: Target,
  identities: Identities,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<BenchFigures> {
  const fleet = planFleet(options.warmup + options.requests, identities.length);
  say(`registering ${fleet.length} end entities`);
  await prepareAlias(target.api);
  await target.api.register(fleet.map(({ username, enrolmentCode }) => ({ username, enrolmentCode, authority: NAME })));
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
  target: Target,
  shooting: Shooting,
  messages: readonly EnrolmentMessage[],
  say: (text: string) => void,
): Promise<BenchFigures> {
  const observer = await Observer.create(target);
  say('measuring RSA');
  const before = await measureRsaRate();
  say(`up to ${messages.length} enrolments`);
  await observer.begin();
  const load = await shooting.run(messages);
  const observed = observer.end();
  say('measuring RSA');
  const after = await measureRsaRate();
  await shooting.examine();
  const enrolments = Math.max(1, load.succeeded);
  return {
    load,
    rsaRate: { before, after },
    cpuMs: observed.cpuMs && {
      gateway: observed.cpuMs.gateway / enrolments,
      postgres: observed.cpuMs.postgres / enrolments,
      loadGenerator: observed.cpuMs.loadGenerator / enrolments,
    },
    processes: observed.processes,
    databaseTransactions: await observer.transactionsPer(enrolments),
  };
}

/** Node's own profiler: each process writes its file when it ends. */
const profiling = (directory: string | undefined): string[] =>
  directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(directory)}`];

/** An authority and an alias of their own, so that what stands in the defaults of a first start has no say. */
async function prepareAlias(api: AdminApi): Promise<void> {
  if (await api.has(`aliases/${NAME}`)) return;
  await api.post('authorities', { name: NAME, subject: `CN=${NAME} CA`, keyAlgorithm: 'RSA-2048' });
  await api.post('aliases', { name: NAME, authorities: [NAME] });
}

function getCaCert(url: URL): Promise<CaCertificates> {
  const clock = new SystemClock();
  const random = new SystemRandomSource();
  return new ScepClient({ url: new URL(SCEP_PATH, url).href, clock, random }).getCaCert();
}

/** One line of what went wrong, the most frequent first. */
export function describeFailures(failures: ReadonlyMap<string, number>): string {
  const rows = [...failures].sort(([, a], [, b]) => b - a);
  return rows.map(([text, count]) => `${count} times ${text}`).join(', ');
}

/** Sends prepared requests and keeps some of the answers. */
class Shooting {
  private readonly endpoint: Endpoint;
  private kept: { message: EnrolmentMessage; body: Buffer }[] = [];

  constructor(
    target: Target,
    private readonly options: BenchOptions,
  ) {
    this.endpoint = { host: target.url.hostname, port: Number(target.url.port || 80) };
  }

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
    return requestBytes('GET', `${SCEP_PATH}?operation=${operation}`, this.endpoint);
  }

  private post(body: Buffer): Buffer {
    return requestBytes('POST', `${SCEP_PATH}?operation=PKIOperation`, this.endpoint, body);
  }
}

type Database = Awaited<ReturnType<typeof connectToDatabase>>;

/** Reads what the gateway's processes and its database have used. */
class Observer {
  private treeBefore: readonly ProcessFigures[] = [];
  private ownBefore = process.cpuUsage();
  private transactionsBefore = 0;
  private endedAt = 0;

  private constructor(
    private readonly pid: number | undefined,
    private readonly database: Database | undefined,
  ) {}

  static async create({ pid, dataDir }: Target): Promise<Observer> {
    const database = dataDir === undefined ? undefined : await connectToDatabase(dataDir);
    if (database !== undefined) await delay(STATISTICS_DELAY_MS);
    return new Observer(CAN_READ_PROCESSES ? pid : undefined, database);
  }

  async begin(): Promise<void> {
    if (this.database !== undefined) this.transactionsBefore = await committedTransactions(this.database);
    this.treeBefore = this.pid === undefined ? [] : readProcessTree(this.pid);
    this.ownBefore = process.cpuUsage();
  }

  end(): {
    processes: readonly ProcessFigures[];
    cpuMs: { gateway: number; postgres: number; loadGenerator: number } | undefined;
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

  async transactionsPer(enrolments: number): Promise<number | undefined> {
    if (this.database === undefined) return undefined;
    await delay(Math.max(0, this.endedAt + STATISTICS_DELAY_MS - performance.now()));
    const transactions = await committedTransactions(this.database);
    await this.database.end();
    return (transactions - this.transactionsBefore) / enrolments;
  }
}
