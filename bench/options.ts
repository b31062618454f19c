import { parseArgs } from 'node:util';

/** How requests are sent: as soon as an answer is there, or at a rate that does not wait for answers. */
export type LoadShape =
  { readonly kind: 'closed'; readonly concurrency: number } | { readonly kind: 'fixed'; readonly perSecond: number };

/** A gateway that runs already. */
export interface GivenGateway {
  /** Where the devices' listener is, without a path; a loopback address. */
  readonly url: URL;
  /** Where the administrators' listener is; a loopback address. */
  readonly adminUrl: URL;
  /** File that holds a bearer token for it. */
  readonly tokenFile: string;
  /** Process id of the gateway's primary, to read its CPU and memory from; not read where absent. */
  readonly pid?: number | undefined;
}

/** What the load generator was asked to do. */
export interface BenchOptions {
  readonly codec: boolean;
  /** Renewals, queries and downloads instead of enrolments alone. */
  readonly operations: boolean;
  /** RA mode beside CA mode instead of CA mode alone. */
  readonly ra: boolean;
  /** Entries of the CRL that is built instead; undefined: none is. */
  readonly crl: number | undefined;
  readonly json: boolean;
  readonly gateway: GivenGateway | undefined;
  readonly load: LoadShape;
  /** Enrolments that are measured, at most. */
  readonly requests: number;
  /** Enrolments before them that are not. */
  readonly warmup: number;
  /** The measured part ends after so many seconds even if requests are left. */
  readonly seconds: number;
  /** RSA key pairs that the clients share. */
  readonly keys: number;
  /** Processes of the gateway; undefined: one per core. */
  readonly workers: number | undefined;
  /** One connection for each request, as devices do, instead of few that are kept. */
  readonly newConnections: boolean;
  /** GetCACaps and GetCACert before each PKIOperation. */
  readonly fullExchange: boolean;
  /** Directory for the CPU profiles of the gateway's processes; undefined: none are made. */
  readonly profile: string | undefined;
}

interface OptionRow {
  readonly value?: string;
  readonly fallback?: string;
  readonly text: string;
}

/** Every option with its default, as --help and docs/performance.md tell them. */
export const OPTION_TABLE: Readonly<Record<string, OptionRow>> = {
  requests: { value: 'N', fallback: '8000', text: 'enrolments that are measured, at most' },
  warmup: { value: 'N', fallback: '4000', text: 'enrolments before them that are not measured' },
  seconds: { value: 'S', fallback: '60', text: 'end of the measured part, whatever is left' },
  concurrency: { value: 'N', fallback: '16', text: 'closed loop: enrolments under way at any time' },
  rate: { value: 'N', text: 'fixed rate: enrolments begun per second, whether answers come or not' },
  keys: { value: 'N', fallback: '64', text: 'RSA-2048 key pairs that the clients share' },
  workers: { value: 'N', text: 'processes of the gateway that is started (default: one per core)' },
  'new-connections': { text: 'a new connection for each request' },
  'full-exchange': { text: 'GetCACaps and GetCACert before each PKIOperation' },
  url: { value: 'URL', text: 'use the gateway that listens here instead of starting one (loopback only)' },
  'admin-url': { value: 'URL', text: "that gateway's administrators' listener (loopback only)" },
  'token-file': { value: 'FILE', text: "file with that gateway's administrator token" },
  pid: { value: 'PID', text: "that gateway's primary process, to read CPU and memory from" },
  profile: { value: 'DIR', text: 'CPU profiles of the gateway that is started, one file per process' },
  operations: { text: 'measure renewals, polls, GetCert, GetCACert, GetCACaps and CRLs too, each against its bound' },
  ra: { text: 'measure RA mode with one-time challenges and CA mode by turns, and compare them' },
  codec: { text: 'measure the codec alone: no gateway, no network, no database' },
  crl: { value: 'N', text: 'build a CRL with so many entries: no gateway, no network, no database' },
  json: { text: 'print one JSON object instead of the table' },
  help: { text: 'print this' },
};

/** Something is wrong with the command line; the message says what. */
export class UsageError extends Error {}

/** The text of --help. */
export function helpText(): string {
  const rows = Object.entries(OPTION_TABLE).map(([name, { value, fallback, text }]) => {
    const left = `--${name}${value === undefined ? '' : ` ${value}`}`;
    return `  ${left.padEnd(22)} ${text}${fallback === undefined ? '' : ` (default: ${fallback})`}`;
  });
  return [
    'Usage: npm run bench -- [options]',
    '',
    'Enrols as many end entities as it can and tells how many that were, how long each took, and what it cost.',
    'CPU and memory are read from /proc, so on Linux only. Progress goes to standard error.',
    '',
    ...rows,
  ].join('\n');
}

/**
 * Reads the command line.
 *
 * @param argv the words after the script's name
 * @returns undefined if help was asked for
 * @throws UsageError
 */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  const values = parse(argv);
  if (values.get('help') !== undefined) return undefined;
  const count = (name: string, minimum: number, maximum: number): number =>
    integer(name, values.get(name) ?? OPTION_TABLE[name]?.fallback ?? '', minimum, maximum);
  const optionalCount = (name: string, minimum: number, maximum: number): number | undefined =>
    values.has(name) ? count(name, minimum, maximum) : undefined;
  const rate = optionalCount('rate', 1, 100_000);
  if (rate !== undefined && values.has('concurrency'))
    throw new UsageError('--rate and --concurrency are two ways to send: give one of them');
  return {
    codec: values.has('codec'),
    operations: values.has('operations'),
    ra: values.has('ra'),
    crl: optionalCount('crl', 1, 10_000_000),
    json: values.has('json'),
    gateway: givenGateway(values, optionalCount('pid', 1, 2 ** 22)),
    load:
      rate === undefined
        ? { kind: 'closed', concurrency: count('concurrency', 1, 4096) }
        : { kind: 'fixed', perSecond: rate },
    requests: count('requests', 1, 1_000_000),
    warmup: count('warmup', 0, 1_000_000),
    seconds: count('seconds', 1, 3600),
    keys: count('keys', 1, 10_000),
    workers: optionalCount('workers', 1, 256),
    newConnections: values.has('new-connections'),
    fullExchange: values.has('full-exchange'),
    profile: values.get('profile'),
  };
}

function parse(argv: readonly string[]): ReadonlyMap<string, string> {
  const options = Object.fromEntries(
    Object.entries(OPTION_TABLE).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function integer(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new UsageError(`--${name} is to be a whole number from ${minimum} to ${maximum}`);
}

function givenGateway(values: ReadonlyMap<string, string>, pid: number | undefined): GivenGateway | undefined {
  const names = ['url', 'admin-url', 'token-file'] as const;
  const given = names.filter((name) => values.has(name));
  if (given.length === 0) {
    if (pid !== undefined) throw new UsageError('--pid goes with --url');
    return undefined;
  }
  if (given.length < names.length) throw new UsageError('--url, --admin-url and --token-file go together');
  return {
    url: loopbackUrl('url', values.get('url') ?? ''),
    adminUrl: loopbackUrl('admin-url', values.get('admin-url') ?? ''),
    tokenFile: values.get('token-file') ?? '',
    pid,
  };
}

// A load generator that can be pointed at others' machines will be.
function loopbackUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') throw new UsageError(`--${name} is to be an http URL`);
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname))
    throw new UsageError(`--${name} is to name a loopback address`);
  return url;
}
