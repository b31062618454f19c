import type { LoadResult } from '../../bench/load';
import type { OperationsFigures } from '../../bench/operations-bench';
import { hasFailed, operationsReport, operationsTable } from '../../bench/operations-report';
import { readOptions } from '../../bench/options';

const load = (succeeded: number, elapsedMs: number, failures: [string, number][] = []): LoadResult => ({
  succeeded,
  elapsedMs,
  latenciesMs: [1, 2, 3],
  failures: new Map(failures),
});

const figures: OperationsFigures = {
  messages: [
    {
      name: 'PKCSReq',
      privateOperations: 3,
      load: load(200, 1000),
      cpuMs: { gateway: 1.5, postgres: 0.5, loadGenerator: 9 },
      databaseTransactions: 2,
    },
    {
      name: 'GetCert',
      privateOperations: 2,
      load: load(300, 1000),
      cpuMs: { gateway: 1, postgres: 0.5, loadGenerator: 9 },
      databaseTransactions: undefined,
    },
  ],
  queries: [
    { name: 'GetCACaps', load: load(900, 100), cpuMs: 0.05, octets: 66 },
    { name: 'bare', load: load(1000, 100), cpuMs: 0.04, octets: 800 },
  ],
  databaseTransactions: 0.001,
  rsaRate: { before: 2900, after: 3100 },
};

test('messages are held against RSA and PKCSReq, queries against bare HTTP', () => {
  expect(operationsReport(figures, readOptions([])!)).toMatchObject({
    messages: [
      { name: 'PKCSReq', perSecond: 200, ratioToBound: 0.2, cpuMs: 2, cpuRatioToPKCSReq: 1, databaseTransactions: 2 },
      { name: 'GetCert', perSecond: 300, ratioToBound: 0.2, cpuMs: 1.5, cpuRatioToPKCSReq: 0.75 },
    ],
    queries: [
      { name: 'GetCACaps', perSecond: 9000, ratioToBare: 0.9, cpuRatioToBare: 1.25 },
      { name: 'bare', perSecond: 10000, ratioToBare: 1, cpuRatioToBare: 1 },
    ],
    disturbed: false,
  });
  expect(operationsTable(figures)).toMatch(/^GetCert .*0\.75 of PKCSReq, \? transactions/m);
});

test('what cannot be read is left out, not guessed', () => {
  const [query, bare] = figures.queries;
  const unread = { ...figures, queries: [{ ...query!, cpuMs: undefined }, bare!] };
  expect(operationsReport(unread, readOptions([])!).queries).toMatchObject([{ cpuRatioToBare: undefined }, {}]);
});

test('one failure of any operation counts', () => {
  expect(hasFailed(figures)).toBe(false);
  const failed = { ...figures.queries[0]!, load: load(1, 1, [['HTTP 503', 1]]) };
  expect(hasFailed({ ...figures, queries: [failed] })).toBe(true);
});
