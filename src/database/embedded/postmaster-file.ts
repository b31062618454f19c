import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process id that no system gives: Linux ends at 2^22. */
const NOBODY = 2_147_483_647;

/** What is known of the postmaster that wrote `postmaster.pid`. */
export type PostmasterState =
  /** No file, or its process is gone. */
  | { readonly state: 'absent' }
  /** A postmaster works on this data directory. */
  | { readonly state: 'running'; readonly pid: number }
  /** The file names a process that lives but is no postmaster of this directory: a zombie, or a number used again. */
  | { readonly state: 'mistaken'; readonly pid: number }
  /** A process of that number lives; what it is cannot be told on this system. */
  | { readonly state: 'unclear'; readonly pid: number };

/** Looks at the lock file that PostgreSQL keeps in its data directory, and at the process it names. */
export function postmasterState(dataDirectory: string): PostmasterState {
  const pid = readPid(dataDirectory);
  if (pid === undefined || !isAlive(pid)) return { state: 'absent' };
  if (process.platform !== 'linux') return { state: 'unclear', pid };
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The state follows the program's name, which is in parentheses and may hold some itself: proc_pid_stat(5).
    const isZombie = stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
    if (isZombie) return { state: 'mistaken', pid };
    return { state: readlinkSync(`/proc/${pid}/cwd`) === dataDirectory ? 'running' : 'mistaken', pid };
  } catch (error) {
    // Gone in between, or not ours to look at.
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? { state: 'unclear', pid } : { state: 'absent' };
  }
}

/**
 * Makes PostgreSQL see that a lock file is stale although some process bears the number in it. The file itself stays:
 * it also names the shared memory by which PostgreSQL notices that children of a killed postmaster still work.
 *
 * Only for state `mistaken`, and only while the directory is locked against other gateways.
 */
export function disownPostmasterFile(dataDirectory: string): void {
  const path = fileIn(dataDirectory);
  const [, ...rest] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [NOBODY, ...rest].join('\n'));
}

function readPid(dataDirectory: string): number | undefined {
  const path = fileIn(dataDirectory);
  if (!existsSync(path)) return undefined;
  const pid = Math.abs(Number.parseInt(readFileSync(path, 'utf8'), 10));
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'postmaster.pid');
}

// A process of another user counts as none, for PostgreSQL as for us: this directory has one user only.
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
