import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { demandNamedUser } from './account';
import { EmbeddedDatabaseError, USE_DATABASE_URL } from './embedded-database-error';
import { spawnOptions } from './postmaster-process';
import type { PostgresHome } from './postgres-home';

/** The only role of the gateway's own PostgreSQL. */
export const EMBEDDED_USER = 'scep';

/** The database in it. */
export const EMBEDDED_DATABASE = 'postgres';

const UNFINISHED = 'data.init-';

/**
 * Makes PostgreSQL's data directory if there is none yet, in one step as seen from outside: a start that is killed in
 * between leaves nothing behind that looks like a database. Only while the directory is locked.
 *
 * @param home where it belongs
 * @param majorVersion of the binaries
 * @throws EmbeddedDatabaseError if it was made by another major version, or cannot be made
 */
export async function ensureDataDirectory(home: PostgresHome, majorVersion: number): Promise<void> {
  if (existsSync(home.dataDirectory)) {
    checkVersion(home.dataDirectory, majorVersion);
    return;
  }
  const parent = dirname(home.dataDirectory);
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(UNFINISHED))) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  if (home.account === undefined) demandNamedUser();
  const unfinished = join(parent, `${UNFINISHED}${process.pid}`);
  await initdb(home, unfinished);
  renameSync(unfinished, home.dataDirectory);
}

function checkVersion(dataDirectory: string, majorVersion: number): void {
  let found: string;
  try {
    found = readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `${dataDirectory} is no data directory of PostgreSQL, or cannot be read by this user`,
      { cause: error },
    );
  }
  if (found === String(majorVersion)) return;
  throw new EmbeddedDatabaseError(
    `${dataDirectory} was made by PostgreSQL ${found}, but this release of scep-gateway brings PostgreSQL ` +
      `${majorVersion}: dump the database with the release that made it and load it into this one's, ` +
      `or ${USE_DATABASE_URL}`,
  );
}

async function initdb(home: PostgresHome, directory: string): Promise<void> {
  // The builtin collation provider: the libraries that come along are not those a later release will bring.
  const options = [
    `--pgdata=${directory}`,
    `--username=${EMBEDDED_USER}`,
    '--auth-local=trust',
    '--auth-host=reject',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  const output: Buffer[] = [];
  const child = spawn(home.initdb, options, { ...spawnOptions(home), stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const failure = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code) => {
      resolve(code === 0 ? undefined : Buffer.concat(output).toString().trim().split('\n').slice(-5).join('\n'));
    });
  });
  if (failure === undefined) return;
  rmSync(directory, { recursive: true, force: true });
  throw new EmbeddedDatabaseError(`PostgreSQL could not make its data directory:\n${failure}`);
}
