import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readdirSync, realpathSync, renameSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { canEnter, canRun, chooseAccount } from './account';
import type { Account } from './account';
import { EmbeddedDatabaseError, USE_DATABASE_URL } from './embedded-database-error';
import { ensureLibraryLinks } from './postgres-binaries';
import type { PostgresBinaries } from './postgres-binaries';

/** Where the gateway's own PostgreSQL lives, and as whom. All paths are real: no symbolic link on the way. */
export interface PostgresHome {
  /** Undefined: the gateway's own user. */
  readonly account?: Account;
  /** PostgreSQL's data directory; may not exist yet. */
  readonly dataDirectory: string;
  /** Directory of the Unix socket: nobody but `account` and root can enter it. */
  readonly socketDirectory: string;
  /** The socket directory is a stop-gap that goes when PostgreSQL does. */
  readonly socketDirectoryIsTemporary: boolean;
  readonly initdb: string;
  readonly postgres: string;
  /** To be searched for libraries before the usual places. */
  readonly libraryPath?: string;
}

/** Where the database goes if the unprivileged user cannot reach DATA_DIR. */
const SYSTEM_STATE = '/var/lib/scep-gateway';

/** Longest path of a Unix socket in bytes, without the byte that ends it: sun_path of <sys/un.h>. */
const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
const SOCKET_NAME = '.s.PGSQL.5432.lock';

/**
 * Prepares `DATA_DIR/postgres` for PostgreSQL to live in.
 *
 * @param dataDir the gateway's data directory; made if need be
 * @param notice told, in a sentence for the operator, where the database went if not into `dataDir`
 */
export function preparePostgresHome(
  dataDir: string,
  binaries: PostgresBinaries,
  notice: (text: string) => void,
): PostgresHome {
  const account = chooseAccount(join(dataDir, 'postgres', 'data'));
  // The unprivileged user must be able to pass through, but not to look around.
  mkdirSync(dataDir, { recursive: true, mode: account === undefined ? 0o700 : 0o711 });
  const home = realHome(join(realpathSync(dataDir), 'postgres'), account, notice);
  const directory = reachableBinaries(binaries, home, account);
  const libraryPath = ensureLibraryLinks({ ...binaries, directory }, join(home, 'lib'));
  return {
    ...(account === undefined ? {} : { account }),
    dataDirectory: join(home, 'data'),
    ...socketDirectory(home, account),
    initdb: join(directory, 'bin', 'initdb'),
    postgres: join(directory, 'bin', 'postgres'),
    ...(libraryPath === undefined ? {} : { libraryPath }),
  };
}

function realHome(home: string, account: Account | undefined, notice: (text: string) => void): string {
  if (!exists(home)) {
    makePrivate(home, account);
    if (account === undefined || canEnter(account, home)) return home;
    rmdirSync(home);
    const elsewhere = relocate(account);
    symlinkSync(elsewhere, home);
    notice(`${account.name} cannot reach ${home}: the database lives in ${elsewhere}, and ${home} points there`);
    return realpathSync(elsewhere);
  }
  if (!existsSync(home)) throw new EmbeddedDatabaseError(`${home} points to a directory that does not exist`);
  const real = realpathSync(home);
  if (account === undefined || canEnter(account, real)) return real;
  throw new EmbeddedDatabaseError(
    `${account.name}, as whom PostgreSQL runs, cannot reach ${real}: let it pass through the directories above, ` +
      `move DATA_DIR, or ${USE_DATABASE_URL}`,
  );
}

function relocate(account: Account): string {
  let directory: string;
  try {
    mkdirSync(SYSTEM_STATE, { recursive: true, mode: 0o711 });
    directory = mkdtempSync(join(SYSTEM_STATE, 'postgres-'));
  } catch (error) {
    throw unreachable(account, error);
  }
  chownSync(directory, account.uid, account.gid);
  if (canEnter(account, directory)) return directory;
  rmdirSync(directory);
  throw unreachable(account);
}

function unreachable(account: Account, cause?: unknown): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError(
    `${account.name}, as whom PostgreSQL runs, can reach neither DATA_DIR nor ${SYSTEM_STATE}: set DATA_DIR to a ` +
      `place it can reach, start the gateway as another user, or ${USE_DATABASE_URL}`,
    { cause },
  );
}

/** The binaries themselves or, if the account cannot reach them, a copy that it can. */
function reachableBinaries(binaries: PostgresBinaries, home: string, account: Account | undefined): string {
  if (account === undefined || canRun(account, join(binaries.directory, 'bin', 'postgres'))) return binaries.directory;
  const copy = join(home, `postgresql-${binaries.version}`, 'native');
  if (existsSync(copy)) return copy;
  // Renamed when whole: a start that was interrupted leaves no half a PostgreSQL.
  const partial = join(home, 'copying');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o755 });
  cpSync(binaries.directory, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  renameSync(partial, join(home, `postgresql-${binaries.version}`));
  return copy;
}

/** Makes the socket directory again if it went with a former run of PostgreSQL, and takes away what remained in it. */
export function clearSocketDirectory({ socketDirectory: directory, account }: PostgresHome): void {
  if (!existsSync(directory)) makePrivate(directory, account);
  // A socket's own lock file holds a process id too, which may be in use again.
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { force: true });
}

function socketDirectory(
  home: string,
  account: Account | undefined,
): Pick<PostgresHome, 'socketDirectory' | 'socketDirectoryIsTemporary'> {
  const usual = join(home, 'run');
  if (Buffer.byteLength(join(usual, SOCKET_NAME)) <= LONGEST_SOCKET_PATH) {
    if (!existsSync(usual)) makePrivate(usual, account);
    return { socketDirectory: usual, socketDirectoryIsTemporary: false };
  }
  const short = mkdtempSync('/tmp/scep-gateway-socket-');
  if (account !== undefined) chownSync(short, account.uid, account.gid);
  return { socketDirectory: short, socketDirectoryIsTemporary: true };
}

function makePrivate(directory: string, account: Account | undefined): void {
  mkdirSync(directory, { mode: 0o700 });
  // The process's umask may have taken more away.
  chmodSync(directory, 0o700);
  if (account !== undefined) chownSync(directory, account.uid, account.gid);
}

// A symbolic link that leads nowhere exists too.
function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
