import { availableParallelism, cpus } from 'node:os';
import { describeFailures } from './enrolment-bench';
import type { LoadResult } from './load';
import type { MessageFigures } from './message-bench';
import type { OperationsFigures } from './operations-bench';
import type { BenchOptions } from './options';
import { summarise } from './percentiles';
import type { QueryFigures } from './query-bench';
import { isDisturbed, round, table } from './report';

/** Whether something was not answered as it should be. */
export const hasFailed = ({ messages, queries }: OperationsFigures): boolean =>
  [...messages, ...queries].some(({ load }) => load.failures.size > 0);

const perSecond = ({ succeeded, elapsedMs }: LoadResult): number => (succeeded * 1000) / Math.max(1, elapsedMs);

const ratio = (value: number | undefined, to: number | undefined): number | undefined =>
  value === undefined || to === undefined || to === 0 ? undefined : value / to;

const rounded = (value: number | undefined, digits: number): number | undefined =>
  value === undefined ? undefined : round(value, digits);

/** What the server and its database used for each, in ms. */
const serverCpu = ({ cpuMs }: MessageFigures): number | undefined => cpuMs && cpuMs.gateway + cpuMs.postgres;

function ofMessage(figures: MessageFigures, { messages, rsaRate }: OperationsFigures) {
  const rate = perSecond(figures.load);
  const bound = (rsaRate.before + rsaRate.after) / 2 / figures.privateOperations;
  return {
    perSecond: rate,
    ratioToBound: rate / bound,
    cpuMs: serverCpu(figures),
    cpuRatioToPKCSReq: ratio(serverCpu(figures), messages[0] && serverCpu(messages[0])),
    latency: summarise(figures.load.latenciesMs),
    databaseTransactions: figures.databaseTransactions,
  };
}

function ofQuery(figures: QueryFigures, { queries }: OperationsFigures) {
  const bare = queries.find(({ name }) => name === 'bare');
  const rate = perSecond(figures.load);
  return {
    perSecond: rate,
    ratioToBare: ratio(rate, bare && perSecond(bare.load)),
    cpuRatioToBare: ratio(figures.cpuMs, bare?.cpuMs),
    latency: summarise(figures.load.latenciesMs),
  };
}

/** One JSON object. */
export function operationsReport(figures: OperationsFigures, options: BenchOptions): Record<string, unknown> {
  const { messages, queries, rsaRate } = figures;
  return {
    messages: messages.map((message) => {
      const { latency, ...measured } = ofMessage(message, figures);
      return {
        name: message.name,
        perSecond: round(measured.perSecond, 1),
        privateOperations: message.privateOperations,
        ratioToBound: round(measured.ratioToBound, 3),
        cpuMs: rounded(measured.cpuMs, 3),
        cpuRatioToPKCSReq: rounded(measured.cpuRatioToPKCSReq, 2),
        databaseTransactions: rounded(measured.databaseTransactions, 2),
        latencyMs: { p50: round(latency.p50, 2), p99: round(latency.p99, 2) },
        answered: message.load.succeeded,
        failures: Object.fromEntries(message.load.failures),
      };
    }),
    queries: queries.map((query) => {
      const { latency, ...measured } = ofQuery(query, figures);
      return {
        name: query.name,
        perSecond: round(measured.perSecond, 1),
        ratioToBare: rounded(measured.ratioToBare, 3),
        cpuMs: rounded(query.cpuMs, 4),
        cpuRatioToBare: rounded(measured.cpuRatioToBare, 2),
        octets: query.octets,
        latencyMs: { p50: round(latency.p50, 2), p99: round(latency.p99, 2) },
        answered: query.load.succeeded,
        failures: Object.fromEntries(query.load.failures),
      };
    }),
    databaseTransactionsPerQuery: rounded(figures.databaseTransactions, 4),
    rsaPrivateOperationsPerSecond: { before: round(rsaRate.before, 0), after: round(rsaRate.after, 0) },
    disturbed: isDisturbed(rsaRate),
    load: options.load,
    connections: options.newConnections ? 'new' : 'kept',
    cores: availableParallelism(),
    processor: cpus()[0]?.model,
    node: process.version,
  };
}

/** The same for people. */
export function operationsTable(figures: OperationsFigures): string {
  const text = (value: number | undefined, digits: number, unit: string): string =>
    value === undefined ? `? ${unit}` : `${value.toFixed(digits)} ${unit}`;
  const failures = ({ failures: all }: LoadResult): string => (all.size === 0 ? '' : `; ${describeFailures(all)}`);
  const messages = figures.messages.map((message): [string, string] => {
    const measured = ofMessage(message, figures);
    const columns = [
      text(measured.perSecond, 1, 'per second'),
      text(measured.ratioToBound, 3, `of what ${message.privateOperations} RSA operations allow`),
      text(measured.cpuMs, 3, 'ms of CPU'),
      text(measured.cpuRatioToPKCSReq, 2, 'of PKCSReq'),
      text(measured.databaseTransactions, 2, 'transactions'),
      text(measured.latency.p99, 1, 'ms p99'),
    ];
    return [message.name, columns.join(', ') + failures(message.load)];
  });
  const queries = figures.queries.map((query): [string, string] => {
    const measured = ofQuery(query, figures);
    const columns = [
      text(measured.perSecond, 0, 'per second'),
      text(measured.ratioToBare, 3, 'of bare HTTP'),
      text(query.cpuMs, 4, 'ms of CPU'),
      text(measured.cpuRatioToBare, 2, 'of bare HTTP'),
      text(query.octets, 0, 'octets'),
      text(measured.latency.p99, 1, 'ms p99'),
    ];
    return [query.name, columns.join(', ') + failures(query.load)];
  });
  const { before, after } = figures.rsaRate;
  return table([
    ...messages,
    ...queries,
    ['queries and database', text(figures.databaseTransactions, 4, 'transactions per query')],
    ['RSA-2048 private op/s', `${before.toFixed(0)} before, ${after.toFixed(0)} after, all cores`],
    ['disturbed', isDisturbed(figures.rsaRate) ? 'yes: something else was running, measure again' : 'no'],
    ['machine', `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`],
  ]);
}
