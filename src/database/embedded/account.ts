import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { EmbeddedDatabaseError, USE_DATABASE_URL } from './embedded-database-error';

/** The user that PostgreSQL runs as, where that is not the gateway's own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** For messages. */
  readonly name: string;
}

const UNPRIVILEGED_USERS = ['postgres', '_postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root, so a gateway that is root hands it to an unprivileged user that exists already:
 * whoever owns the data directory, else the first of a few that systems have.
 *
 * @param dataDirectory of PostgreSQL, which may not exist yet
 * @returns undefined if the gateway is not root, and PostgreSQL runs as the same user
 */
export function chooseAccount(dataDirectory: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(dataDirectory)) {
    const { uid, gid } = statSync(dataDirectory);
    if (uid !== 0) return { uid, gid, name: `the user with id ${uid}` };
  }
  const users = readUsers();
  for (const name of UNPRIVILEGED_USERS) {
    const user = users.get(name);
    if (user !== undefined) return { ...user, name: `the user ${name}` };
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL does not run as root, and there is no user ${UNPRIVILEGED_USERS.join(' or ')} to run it as: ` +
      `start the gateway as another user, or ${USE_DATABASE_URL}`,
  );
}

/**
 * A data directory can only be made by a user that has a name: refuses a bare id, such as some container platforms
 * assign.
 */
export function demandNamedUser(): void {
  try {
    userInfo();
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `the user id ${String(process.getuid?.())} has no entry in /etc/passwd, without which PostgreSQL makes no data ` +
        `directory: add one, or ${USE_DATABASE_URL}`,
      { cause: error },
    );
  }
}

/** Whether an account can enter a directory. Asked by trying, for access lists and mounts have a say too. */
export function canEnter(account: Account, directory: string): boolean {
  return succeeds(account, 'cd -- "$0"', directory);
}

/** Whether an account can run a program. */
export function canRun(account: Account, program: string): boolean {
  return succeeds(account, 'test -r "$0" -a -x "$0"', program);
}

function succeeds({ uid, gid }: Account, script: string, path: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', script, path], { uid, gid, cwd: '/', env: {}, stdio: 'ignore' });
  return status === 0;
}

function readUsers(): Map<string, { uid: number; gid: number }> {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const fields = lines.filter((line) => !line.startsWith('#')).map((line) => line.split(':'));
  // Some systems write the highest ids as negative numbers.
  const id = (text: string | undefined): number => Number(text) >>> 0;
  return new Map(fields.flatMap(([name, , uid, gid]) => (name ? [[name, { uid: id(uid), gid: id(gid) }]] : [])));
}
