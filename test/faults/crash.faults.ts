import { AdminApi } from '../../bench/admin-api';
import { encodeRequest, generateIdentities, planFleet } from '../../bench/client-fleet';
import { readPostmaster } from '../../bench/gateway-database';
import { GatewayProcess } from '../../bench/gateway-process';
import { readProcessTree } from '../../bench/process-figures';
import type { EnrolmentMessage } from '../../src/client/enrolment-message';
import { ScepClient } from '../../src/client/scep-client';
import { SystemClock } from '../../src/common/clock';
import { SystemRandomSource } from '../../src/common/random-source';
import { countStrayCertificates, type LedgerRow, readLedger } from './ledger';
import { type ClientOutcome, RetryingClient, serialNumberIn } from './retrying-client';
import { SeededRandom } from './seeded-random';
import { Striker } from './striker';

/** FAULTS=short: what continuous integration runs. */
const SHORT = process.env.FAULTS === 'short';
const SEED = Number(process.env.FAULTS_SEED ?? 1);
const ROUNDS = SHORT ? 1 : 8;
const CLIENTS_PER_ROUND = SHORT ? 100 : 200;
const AT_A_TIME = 24;
const KEYS = 16;
/** Each so many clients one does not come back by itself after its first loss. */
const GIVES_UP_EVERY = 2;
/** From the answer that triggers a strike to the strike: most requests are just being answered when one is. */
const LONGEST_DELAY_MS = 20;
const NEW = 10;
const GENERATED = 40;
const TARGET = '/scep/scep/pkiclient.exe';

/** What is killed, with SIGKILL. */
const VICTIMS: readonly {
  readonly name: string;
  readonly pids: (gateway: GatewayProcess, random: SeededRandom) => number[];
  /** Whether the gateway has to be started again. */
  readonly ends: boolean;
}[] = [
  { name: 'the primary', pids: (gateway) => [gateway.pid], ends: true },
  {
    name: 'the primary and all workers',
    pids: (gateway) => pidsOf(gateway, 'gateway'),
    ends: true,
  },
  {
    name: 'everything at once, PostgreSQL with it',
    pids: (gateway) => readProcessTree(gateway.pid).map(({ pid }) => pid),
    ends: true,
  },
  {
    name: 'the busier worker',
    pids: (gateway) => [busiestWorker(gateway)],
    ends: false,
  },
  { name: 'PostgreSQL', pids: (gateway) => [readPostmaster(gateway.dataDir).pid], ends: false },
  {
    name: 'one session of PostgreSQL',
    pids: (gateway, random) => [random.pick(sessionsOf(gateway))],
    ends: false,
  },
];

function pidsOf(gateway: GatewayProcess, kind: 'gateway' | 'postgres'): number[] {
  return readProcessTree(gateway.pid)
    .filter((process) => process.kind === kind)
    .map(({ pid }) => pid);
}

/** One that has just been started may serve nobody yet. */
function busiestWorker(gateway: GatewayProcess): number {
  const [first, ...others] = readProcessTree(gateway.pid).filter(
    ({ pid, kind }) => kind === 'gateway' && pid !== gateway.pid,
  );
  if (first === undefined) throw new Error('the gateway has no worker');
  return others.reduce((busiest, worker) => (worker.cpuMs > busiest.cpuMs ? worker : busiest), first).pid;
}

/** Children of the postmaster: sessions, and PostgreSQL's own helpers, which may be hit as well. */
function sessionsOf(gateway: GatewayProcess): [number, ...number[]] {
  const postmaster = readPostmaster(gateway.dataDir).pid;
  const [first, ...others] = pidsOf(gateway, 'postgres').filter((pid) => pid !== postmaster);
  if (first === undefined) throw new Error('PostgreSQL has no children');
  return [first, ...others];
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux(`SIGKILL in the middle of a load (FAULTS_SEED=${SEED}; needs /proc)`, () => {
  let gateway: GatewayProcess;
  let identities: Awaited<ReturnType<typeof generateIdentities>>;
  const random = new SeededRandom(SEED);

  beforeAll(async () => {
    [gateway, identities] = await Promise.all([GatewayProcess.start({ workers: 2 }), generateIdentities(KEYS)]);
  });
  afterAll(() => gateway.remove());

  async function prepare(): Promise<EnrolmentMessage[]> {
    const fleet = planFleet(CLIENTS_PER_ROUND, KEYS);
    await new AdminApi(gateway.adminUrl, gateway.adminToken).register(
      fleet.map(({ username, enrolmentCode }) => ({ username, enrolmentCode })),
    );
    const client = new ScepClient({
      url: new URL(TARGET, gateway.url).href,
      clock: new SystemClock(),
      random: new SystemRandomSource(),
    });
    const ca = await client.getCaCert();
    return Promise.all(
      fleet.map((member) => encodeRequest(member, identities[member.keyIndex] as (typeof identities)[number], ca)),
    );
  }

  const clientOf = (message: EnrolmentMessage, givesUp: boolean): RetryingClient =>
    new RetryingClient({ host: gateway.url.hostname, port: Number(gateway.url.port) }, TARGET, message, givesUp);

  /**
   * Lets all enrol, and calls `strike` once when so many have their answers; the others are under way or to come. Without
   * a strike nobody gives up.
   */
  async function enrolAll(
    messages: readonly EnrolmentMessage[],
    after = Infinity,
    strike?: () => Promise<void>,
  ): Promise<ClientOutcome[]> {
    const outcomes: ClientOutcome[] = [];
    let struck: Promise<void> | undefined;
    // A gateway that does not come back says why; that its clients have no answer says nothing.
    const hopeless = new AbortController();
    const queue = messages.entries();
    const lane = async (): Promise<void> => {
      for (const [index, message] of queue) {
        const givesUp = strike !== undefined && index % GIVES_UP_EVERY === 0;
        outcomes.push(await clientOf(message, givesUp).enrol(hopeless.signal));
        if (outcomes.length >= after) {
          struck ??= strike?.().catch((error: unknown) => {
            hopeless.abort(error);
          });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, lane));
    await struck;
    hopeless.signal.throwIfAborted();
    return outcomes;
  }

  /** Checks every client's answer against the database; returns what each client holds, and the database's rows. */
  async function expectTruth(
    outcomes: readonly ClientOutcome[],
  ): Promise<{ held: ReadonlyMap<string, string | undefined>; ledger: ReadonlyMap<string, LedgerRow> }> {
    const held = new Map<string, string | undefined>();
    for (const outcome of outcomes) held.set(outcome.message.transactionID, await serialNumberIn(outcome));
    const ledger = await readLedger(gateway.dataDir);
    for (const [username, serialHex] of held) {
      const row = ledger.get(username);
      const serialNumbers = row?.serialNumbers ?? [];
      const expected =
        serialNumbers.length === 0
          ? { username, status: NEW, transactions: 0, failedAttempts: 0 }
          : { username, status: GENERATED, transactions: 1, failedAttempts: 0 };
      expect(row).toMatchObject(expected);
      expect(serialNumbers.length).toBeLessThanOrEqual(1);
      // Who got a certificate got the one that the gateway knows.
      if (serialHex !== undefined) expect(serialNumbers).toEqual([serialHex]);
    }
    await expect(countStrayCertificates(gateway.dataDir)).resolves.toBe(0);
    return { held, ledger };
  }

  const rounds = Array.from({ length: ROUNDS }, (_, round) => round + 1);
  describe.each(rounds)('round %i', () => {
    test.each(VICTIMS)('of $name: nothing is lost and nothing is issued twice', async ({ name, pids, ends }) => {
      const messages = await prepare();
      const after = random.between(Math.floor(CLIENTS_PER_ROUND / 10), Math.floor(CLIENTS_PER_ROUND / 2));
      const striker = new Striker(pids(gateway, random), random.between(0, LONGEST_DELAY_MS));
      const outcomes = await enrolAll(messages, after, async () => {
        await striker.strike();
        if (!ends) return;
        await gateway.ended();
        await gateway.run();
      });
      await gateway.ready();
      const { held, ledger } = await expectTruth(outcomes);
      expect(held.size).toBe(CLIENTS_PER_ROUND);
      say(`${name} after ${after} of ${CLIENTS_PER_ROUND}`, outcomes, ledger);
      // A strike that hit nobody proves nothing.
      expect(outcomes.some(({ lost }) => lost > 0)).toBe(true);

      // Everybody asks again, those who gave up too: each gets its own certificate, the one it has if it has one.
      const again = await enrolAll(messages);
      const { held: heldInTheEnd } = await expectTruth(again);
      for (const [username, serialHex] of heldInTheEnd) {
        expect(serialHex).toBeDefined();
        expect(held.get(username) ?? serialHex).toBe(serialHex);
      }
    });
  });
});

function say(what: string, outcomes: readonly ClientOutcome[], ledger: ReadonlyMap<string, LedgerRow>): void {
  const lost = outcomes.reduce((sum, outcome) => sum + outcome.lost, 0);
  const rowOf = ({ message }: ClientOutcome): LedgerRow | undefined => ledger.get(message.transactionID);
  const healed = outcomes.filter((outcome) => (rowOf(outcome)?.repetitions ?? 0) > 0);
  const gaveUp = outcomes.filter(({ reply }) => reply === undefined);
  const unaware = gaveUp.filter((outcome) => rowOf(outcome)?.status === GENERATED);
  process.stdout.write(
    `SIGKILL of ${what}: ${lost} requests lost; ${healed.length} clients got in a repetition what had been issued before; ` +
      `${gaveUp.length} gave up, ${unaware.length} of them with a certificate\n`,
  );
}
