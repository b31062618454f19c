import { readdirSync, readFileSync } from 'node:fs';

/** Whose a process is. */
export type ProcessKind = 'gateway' | 'postgres' | 'other';

/** One process of a gateway, as /proc tells. */
export interface ProcessFigures {
  readonly pid: number;
  readonly parent: number;
  readonly kind: ProcessKind;
  /** CPU time of all its threads in ms; of PostgreSQL's processes also that of their children which have ended. */
  readonly cpuMs: number;
  /** Resident memory in bytes. */
  readonly residentBytes: number;
  /** Resident memory in bytes, what is shared with others counted in parts. */
  readonly proportionalBytes: number;
}

/** Whether this system has what {@link readProcessTree} needs. */
export const CAN_READ_PROCESSES = process.platform === 'linux';

// USER_HZ: 100 on every architecture that Node runs on.
const MS_PER_TICK = 10;

/** A process and all its descendants that are there now. Linux only. */
export function readProcessTree(root: number): ProcessFigures[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const tree = all.filter(({ pid }) => pid === root);
  // Grows while it is walked: children of children follow.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** CPU time of all processes of one kind, in ms. */
export const cpuOf = (tree: readonly ProcessFigures[], kind: ProcessKind): number =>
  tree.filter((process) => process.kind === kind).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

/** Undefined for one that has ended meanwhile. */
function readProcess(pid: number): ProcessFigures | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const { command, fields } = parseStat(stat);
  const kind = command === 'postgres' ? 'postgres' : /^(node|MainThread)/.test(command) ? 'gateway' : 'other';
  const ticks = (first: number, last: number): number =>
    fields.slice(first, last + 1).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid,
    parent: Number(fields[1]),
    kind,
    cpuMs: ticks(11, kind === 'postgres' ? 14 : 12) * MS_PER_TICK,
    residentBytes: kilobytes(`/proc/${pid}/status`, 'VmRSS'),
    proportionalBytes: kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss'),
  };
}

/**
 * Splits /proc/PID/stat (proc(5)). The command stands in parentheses and may itself hold blanks and parentheses.
 *
 * @returns the command, and the fields from `state` on: ppid is 1, utime 11, stime 12, cutime 13, cstime 14
 */
export function parseStat(stat: string): { readonly command: string; readonly fields: readonly string[] } {
  const end = stat.lastIndexOf(')');
  return {
    command: stat.slice(stat.indexOf('(') + 1, end),
    fields: stat
      .slice(end + 1)
      .trim()
      .split(' '),
  };
}

function kilobytes(file: string, name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readOrUndefined(file) ?? '');
  return Number(line?.[1] ?? 0) * 1024;
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
