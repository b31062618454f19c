import type { EnrolmentMessage } from '../src/client/enrolment-message';
import type { AdminApi } from './admin-api';
import { BENCH_NAME, type BenchTarget, getCaCert, prepareAlias, withGateway } from './bench-target';
import { type FleetMember, generateIdentities, planFleet } from './client-fleet';
import { Shooting } from './enrolment-bench';
import { encodeFleet } from './fleet-encoder';
import { Observer } from './observer';
import type { BenchOptions } from './options';
import { round } from './report';

/** What one mode did in one round. */
interface Slice {
  readonly perSecond: number;
  /** CPU of gateway and PostgreSQL for each enrolment in ms; undefined where it cannot be read. */
  readonly cpuMs: number | undefined;
}

/** What a run gave, round by round. */
export interface RaFigures {
  readonly rounds: readonly { readonly ca: Slice; readonly ra: Slice }[];
  readonly devices: number;
  readonly failures: ReadonlyMap<string, number>;
}

const ROUNDS = 10;
const RA_ALIAS = `${BENCH_NAME}-ra`;
/** The one-time challenges must outlive the encoding of the requests, and there are as many as devices. */
const ONE_TIME = { lifetime: '1d', maximum: 100_000 };

/**
 * Measures CA mode and RA mode by turns.
 *
 * @param say told what is going on
 */
export async function measureRa(options: BenchOptions, say: (text: string) => void): Promise<RaFigures> {
  const identities = await generateIdentities(options.keys);
  return withGateway(options, say, async (target) => {
    const { api } = target;
    const size = options.warmup + options.requests;
    await prepareAlias(api, {});
    if (!(await api.has(`aliases/${RA_ALIAS}`)))
      await api.post('aliases', {
        name: RA_ALIAS,
        authorities: [BENCH_NAME],
        operationalMode: 'RA',
        challenge: { kind: 'one-time', oneTime: ONE_TIME },
      });
    say(`registering ${size} end entities`);
    const registered = planFleet(size, identities.length);
    await api.register(
      registered.map(({ username, enrolmentCode }) => ({ username, enrolmentCode, authority: BENCH_NAME })),
    );
    say(`fetching ${size} one-time challenges`);
    const unregistered = await withChallenges(api, planFleet(size, identities.length));
    const ca = await getCaCert(target.url);
    say(`encoding ${2 * size} requests`);
    const messages = {
      ca: await encodeFleet(registered, identities, ca),
      ra: await encodeFleet(unregistered, identities, ca),
    };
    return byTurns(target, options, messages, say);
  });
}

async function withChallenges(api: AdminApi, fleet: readonly FleetMember[]): Promise<FleetMember[]> {
  const members: FleetMember[] = [];
  for (const member of fleet) {
    const { challengePassword } = await api.post<{ challengePassword: string }>(`aliases/${RA_ALIAS}/challenges`, {});
    members.push({ ...member, enrolmentCode: challengePassword });
  }
  return members;
}

type Mode = 'ca' | 'ra';

async function byTurns(
  target: BenchTarget,
  options: BenchOptions,
  messages: Readonly<Record<Mode, readonly EnrolmentMessage[]>>,
  say: (text: string) => void,
): Promise<RaFigures> {
  const shooting = {
    ca: new Shooting(target, options),
    ra: new Shooting(target, options, `/scep/${RA_ALIAS}/pkiclient.exe`),
  };
  const failures = new Map<string, number>();
  const observer = await Observer.create(target);
  const slice = async (mode: Mode, from: number, to: number): Promise<Slice> => {
    observer.begin();
    const load = await shooting[mode].run(messages[mode].slice(from, to));
    const { cpuMs } = observer.end();
    for (const [text, count] of load.failures) failures.set(text, (failures.get(text) ?? 0) + count);
    await shooting[mode].examine();
    const enrolments = Math.max(1, load.succeeded);
    return {
      perSecond: (load.succeeded * 1000) / Math.max(1, load.elapsedMs),
      cpuMs: cpuMs && (cpuMs.gateway + cpuMs.postgres) / enrolments,
    };
  };
  const { warmup, requests } = options;
  say(`${warmup} enrolments of each to warm up`);
  for (const mode of ['ca', 'ra'] as const) if (warmup > 0) await slice(mode, 0, warmup);
  say(`${requests} enrolments of each, in ${ROUNDS} rounds`);
  const rounds: { ca: Slice; ra: Slice }[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const [from, to] = [i, i + 1].map((n) => warmup + Math.floor((n * requests) / ROUNDS)) as [number, number];
    // Who begins changes from round to round, so that neither always has what the other leaves behind.
    const order: readonly Mode[] = i % 2 === 0 ? ['ca', 'ra'] : ['ra', 'ca'];
    const done: Partial<Record<Mode, Slice>> = {};
    for (const mode of order) done[mode] = await slice(mode, from, to);
    rounds.push(done as { ca: Slice; ra: Slice });
  }
  await observer.close();
  return { rounds, devices: requests, failures };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** The figures as one object. */
export function raReport({ rounds, devices, failures }: RaFigures): Record<string, unknown> {
  const cpu = rounds.flatMap(({ ca, ra }) => (ca.cpuMs && ra.cpuMs ? [{ ca: ca.cpuMs, ra: ra.cpuMs }] : []));
  const mid = (of: (round: RaFigures['rounds'][number]) => number): number => median(rounds.map(of));
  return {
    devices,
    caPerSecond: round(
      mid(({ ca }) => ca.perSecond),
      1,
    ),
    raPerSecond: round(
      mid(({ ra }) => ra.perSecond),
      1,
    ),
    rateRatio: round(
      mid(({ ca, ra }) => ra.perSecond / ca.perSecond),
      3,
    ),
    caCpuMs: cpu.length === 0 ? undefined : round(median(cpu.map(({ ca }) => ca)), 3),
    raCpuMs: cpu.length === 0 ? undefined : round(median(cpu.map(({ ra }) => ra)), 3),
    cpuRatio: cpu.length === 0 ? undefined : round(median(cpu.map(({ ca, ra }) => ra / ca)), 3),
    failures: Object.fromEntries(failures),
  };
}

/** The figures for people. */
export const raTable = (figures: RaFigures): string =>
  Object.entries(raReport(figures))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(14)} ${JSON.stringify(value)}`)
    .join('\n');
