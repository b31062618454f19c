import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { PostgresHome } from './postgres-home';
import { postmasterState } from './postmaster-file';

/**
 * Runs PostgreSQL and ends it when standard input ends: that happens when the gateway dies, even by SIGKILL, so no
 * orphan remains. SIGINT is PostgreSQL's fast shutdown. Whatever ends this shell, the part that waits for the end of
 * the input lives on. Details: `exec 3<&0` because a background job gets /dev/null as its standard input; the loop
 * because a trapped signal ends `wait` early; $SOCKETS is a directory to remove afterwards, or empty.
 */
const WATCHDOG = `
trap : TERM INT HUP
exec 3<&0 </dev/null
"$@" 3<&- &
postmaster=$!
( read -r _ <&3; kill -INT $postmaster 2>/dev/null ) &
watcher=$!
exec 3<&-
while kill -0 $postmaster 2>/dev/null; do wait $postmaster; status=$?; done
kill -9 $watcher 2>/dev/null
if [ -n "$SOCKETS" ]; then rm -rf "$SOCKETS"; fi
exit $status
`;

const KEPT_LINES = 20;
const POLL_MS = 20;
const LAST_LINES_MS = 500;

/** One run of PostgreSQL under its watchdog. */
export class PostmasterProcess {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private running = true;

  /**
   * @param home where PostgreSQL lives
   * @param settings configuration parameters and their values
   * @param onLine told of each line PostgreSQL writes to its log
   */
  constructor(home: PostgresHome, settings: Readonly<Record<string, string>>, onLine: (line: string) => void) {
    const parameters = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const command = [home.postgres, '-D', home.dataDirectory, '-k', home.socketDirectory, ...parameters];
    this.child = spawn('/bin/sh', ['-c', WATCHDOG, 'scep-gateway-postgres', ...command], {
      ...spawnOptions(home),
      stdio: ['pipe', 'ignore', 'pipe'],
      // Ctrl-C reaches the whole foreground group; the gateway decides when the database ends.
      detached: true,
    });
    this.child.stdin?.on('error', () => undefined);
    if (this.child.stderr !== null) {
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > KEPT_LINES) this.lines.shift();
        onLine(line);
      });
    }
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.running = false;
        resolve();
      };
      this.child.once('error', (error) => {
        this.lines.push(error.message);
        end();
      });
      // Not `exit`: that may come before the last lines.
      this.child.once('close', end);
      this.child.once('exit', () => {
        // Of a watchdog that was killed the other half holds the pipe open: this tells it to end PostgreSQL.
        this.child.stdin?.destroy();
        void this.endWithoutPostmaster(home.dataDirectory, end);
      });
    });
  }

  /** A session of a killed postmaster that does not end holds the pipe for log lines open: that is not waited for. */
  private async endWithoutPostmaster(dataDirectory: string, end: () => void): Promise<void> {
    const isThere = (): boolean => ['running', 'unclear'].includes(postmasterState(dataDirectory).state);
    while (this.running && isThere()) await delay(POLL_MS);
    await delay(LAST_LINES_MS, undefined, { ref: false });
    end();
  }

  /** Whether it has not ended yet. */
  get isRunning(): boolean {
    return this.running;
  }

  /** The last lines of PostgreSQL's log. */
  get lastLines(): readonly string[] {
    return this.lines;
  }

  /** Asks for a fast shutdown: open transactions are rolled back, everything committed is written. */
  stop(): void {
    this.child.stdin?.end();
  }
}

/**
 * How programs of PostgreSQL are started: as the account of `home`, and without the gateway's environment, which may
 * hold secrets.
 */
export function spawnOptions(home: PostgresHome): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  const { account, libraryPath } = home;
  return {
    cwd: '/',
    env: {
      PATH: '/usr/bin:/bin',
      LC_ALL: 'C',
      TZ: 'UTC',
      SOCKETS: home.socketDirectoryIsTemporary ? home.socketDirectory : '',
      ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath, DYLD_LIBRARY_PATH: libraryPath }),
    },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}
