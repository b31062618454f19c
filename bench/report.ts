import { availableParallelism, cpus } from 'node:os';
import type { CodecFigures } from './codec';
import { type BenchFigures, describeFailures } from './enrolment-bench';
import type { BenchOptions } from './options';
import { summarise } from './percentiles';
import type { ProcessFigures } from './process-figures';
import { PRIVATE_OPERATIONS_PER_ENROLMENT } from './rsa-bound';

const MIB = 1024 * 1024;
/** Share by which the RSA rates before and after may differ on a machine that does nothing else. */
const STEADY = 0.15;
/** Rounds to so many digits behind the point. */
export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const DISTURBED = ' (the RSA rates differ: something else was running, measure again)';

/** Whether something else was running: then neither rate nor ratio mean much. */
export const isDisturbed = ({ before, after }: BenchFigures['rsaRate']): boolean =>
  Math.abs(before - after) > STEADY * Math.max(before, after);

/** What the gateway is measured against: with `enrolmentsPerSecond` and `ratioToBound` among it. */
export function enrolmentReport(figures: BenchFigures, options: BenchOptions): Record<string, unknown> {
  const { load, rsaRate, cpuMs, processes } = figures;
  const enrolmentsPerSecond = (load.succeeded * 1000) / Math.max(1, load.elapsedMs);
  const rsaMean = (rsaRate.before + rsaRate.after) / 2;
  const bound = rsaMean / PRIVATE_OPERATIONS_PER_ENROLMENT;
  const latency = summarise(load.latenciesMs);
  return {
    enrolmentsPerSecond: round(enrolmentsPerSecond, 1),
    boundPerSecond: round(bound, 1),
    ratioToBound: round(enrolmentsPerSecond / bound, 3),
    latencyMs: Object.fromEntries(Object.entries(latency).map(([name, value]) => [name, round(value as number, 2)])),
    cpuMsPerEnrolment: cpuMs && {
      gateway: round(cpuMs.gateway, 3),
      postgres: round(cpuMs.postgres, 3),
      loadGenerator: round(cpuMs.loadGenerator, 3),
    },
    databaseTransactionsPerEnrolment:
      figures.databaseTransactions === undefined ? undefined : round(figures.databaseTransactions, 2),
    residentMiB: processes.length === 0 ? undefined : residentMemory(processes),
    rsaPrivateOperationsPerSecond: { before: round(rsaRate.before, 0), after: round(rsaRate.after, 0) },
    disturbed: isDisturbed(rsaRate),
    enrolments: load.succeeded,
    failures: Object.fromEntries(load.failures),
    seconds: round(load.elapsedMs / 1000, 2),
    load: options.load,
    connections: options.newConnections ? 'new' : 'kept',
    exchange: options.fullExchange ? 'GetCACaps, GetCACert, PKIOperation' : 'PKIOperation',
    clientKeys: options.keys,
    cores: availableParallelism(),
    processor: cpus()[0]?.model,
    node: process.version,
  };
}

function residentMemory(processes: readonly ProcessFigures[]): Record<string, unknown> {
  const gateway = processes.filter(({ kind }) => kind === 'gateway');
  const postgres = processes.filter(({ kind }) => kind === 'postgres');
  return {
    gateway: gateway.map(({ residentBytes }) => round(residentBytes / MIB, 1)),
    postgresTogether: round(postgres.reduce((sum, { proportionalBytes }) => sum + proportionalBytes, 0) / MIB, 1),
  };
}

/** The same for people. */
export function enrolmentTable(figures: BenchFigures, options: BenchOptions): string {
  const { load, rsaRate, cpuMs, processes } = figures;
  const rate = (load.succeeded * 1000) / Math.max(1, load.elapsedMs);
  const bound = (rsaRate.before + rsaRate.after) / 2 / PRIVATE_OPERATIONS_PER_ENROLMENT;
  const latency = summarise(load.latenciesMs);
  const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
  const mib = (bytes: number): string => (bytes / MIB).toFixed(0);
  const gateway = processes.filter(({ kind }) => kind === 'gateway');
  const postgres = processes.filter(({ kind }) => kind === 'postgres');
  const unread = process.platform === 'linux' ? 'not read: no --pid' : 'not read: Linux only';
  const shape =
    options.load.kind === 'closed'
      ? `closed loop, ${options.load.concurrency} at a time`
      : `fixed rate, ${options.load.perSecond} per second`;
  return table([
    ['load', `${shape}, connections ${options.newConnections ? 'new for each request' : 'kept'}`],
    ['exchange', options.fullExchange ? 'GetCACaps, GetCACert, PKIOperation' : 'PKIOperation'],
    ['clients', `distinct end entities, requests and transactionIDs; ${options.keys} RSA-2048 keys among them`],
    ['enrolments', `${load.succeeded} in ${(load.elapsedMs / 1000).toFixed(2)} s`],
    ['failures', load.failures.size === 0 ? 'none' : describeFailures(load.failures)],
    ['enrolments per second', rate.toFixed(1)],
    ['RSA-2048 private op/s', `${rsaRate.before.toFixed(0)} before, ${rsaRate.after.toFixed(0)} after, all cores`],
    ['bound (mean / 3)', `${bound.toFixed(1)} per second`],
    ['ratio to the bound', `${(rate / bound).toFixed(3)}${isDisturbed(rsaRate) ? DISTURBED : ''}`],
    ['latency p50', ms(latency.p50)],
    ['latency p90', ms(latency.p90)],
    ['latency p99', ms(latency.p99)],
    ['latency max', ms(latency.max)],
    ['CPU, gateway', cpuMs === undefined ? unread : `${cpuMs.gateway.toFixed(3)} ms per enrolment`],
    ['CPU, PostgreSQL', cpuMs === undefined ? unread : `${cpuMs.postgres.toFixed(3)} ms per enrolment`],
    ['CPU, load generator', cpuMs === undefined ? unread : `${cpuMs.loadGenerator.toFixed(3)} ms per enrolment`],
    [
      'database transactions',
      figures.databaseTransactions === undefined
        ? 'not read: not our database'
        : `${figures.databaseTransactions.toFixed(2)} per enrolment`,
    ],
    [
      'resident memory',
      processes.length === 0
        ? unread
        : `gateway ${gateway.map(({ residentBytes }) => mib(residentBytes)).join(', ')} MiB; ` +
          `PostgreSQL ${mib(postgres.reduce((sum, { proportionalBytes }) => sum + proportionalBytes, 0))} MiB together`,
    ],
    ['machine', `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`],
  ]);
}

/** What --codec prints as JSON. */
export const codecReport = (figures: CodecFigures): Record<string, unknown> => ({
  codecCpuMsPerEnrolment: {
    total: round(figures.total, 3),
    rsa: round(figures.rsa, 3),
    withoutRsa: round(figures.withoutRsa, 3),
  },
  node: process.version,
});

/** The same for people. */
export const codecTable = (figures: CodecFigures): string =>
  table([
    ['codec, all', `${figures.total.toFixed(3)} ms of CPU per enrolment`],
    ['RSA operations alone', `${figures.rsa.toFixed(3)} ms: 3 private, 3 public`],
    ['codec without RSA', `${figures.withoutRsa.toFixed(3)} ms (aim: at most 0.5)`],
  ]);

/** Names and values below each other. */
export function table(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `${name.padEnd(23)} ${value}`).join('\n');
}
