import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * The processes of PostgreSQL that still work on a data directory: each of them has it as its working directory. Linux
 * only; elsewhere none is found. Once their postmaster is known to be dead they are orphans, which end by themselves as
 * soon as they wait for anything but a lock: one that waits for a lock whose holder was killed waits forever, and keeps
 * the shared memory from which PostgreSQL concludes that it must not start.
 *
 * @param dataDirectory of PostgreSQL, without symbolic links
 * @returns process ids; what this user may not look at is not among them
 */
export function serversOn(dataDirectory: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => linkOf(pid, 'cwd') === dataDirectory && isServer(linkOf(pid, 'exe')))
    .map(Number);
}

// An administrator's shell may stand in the same directory. After an update the program's file may be gone.
const isServer = (program: string | undefined): boolean =>
  program !== undefined && basename(program.replace(/ \(deleted\)$/, '')) === 'postgres';

function linkOf(pid: string, name: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}
