import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const HOOK = join(__dirname, 'typescript-hook.cjs');
const END_WITH_PARENT = join(__dirname, 'end-with-parent.cjs');
const MAIN = join(__dirname, '../../src/main.ts');

/** How a gateway process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Everything it wrote to standard error. */
  readonly errors: string;
}

/** A gateway as it is started from a command line: a primary with its workers, run from the sources. */
export class GatewayProcess {
  /** What it logged so far. */
  readonly log: Record<string, unknown>[] = [];
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private readonly listeners = new Set<() => void>();

  /**
   * @param environment nothing else but PATH is passed on
   * @param user to run as, if the test is root
   */
  constructor(environment: Readonly<Record<string, string>>, user: { uid?: number; gid?: number } = {}) {
    this.child = spawn(process.execPath, ['--require', HOOK, '--require', END_WITH_PARENT, MAIN, 'serve'], {
      env: { PATH: process.env.PATH, PUBLIC_HOST: '127.0.0.1', PUBLIC_PORT: '0', ADMIN_PORT: '0', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...user,
    });
    let errors = '';
    this.child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on('line', (line) => {
        if (line.startsWith('{')) this.log.push(JSON.parse(line) as Record<string, unknown>);
        for (const listener of this.listeners) listener();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        // The workers may hold the pipes a little longer.
        setImmediate(() => {
          resolve({ code, signal, errors });
        });
      });
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for a line of the log; throws if the process ends without it. */
  async logged(matches: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.log.find(matches);
        if (found === undefined) return;
        this.listeners.delete(look);
        resolve(found);
      };
      this.listeners.add(look);
      look();
      void this.ended.then(({ code, errors }) => {
        reject(new Error(`the gateway ended with ${code}: ${errors} ${JSON.stringify(this.log.slice(-5))}`));
      });
    });
  }

  /** Waits until it serves. */
  async ready(): Promise<{ publicUrl: string; adminUrl: string; milliseconds: number }> {
    const line = await this.logged(({ msg }) => msg === 'ready');
    return {
      publicUrl: `http://127.0.0.1:${String(line.publicPort)}`,
      adminUrl: `http://127.0.0.1:${String(line.adminPort)}`,
      milliseconds: Number(line.milliseconds),
    };
  }

  /** Process ids of the workers started so far; needs LOG_LEVEL=debug. */
  workers(): number[] {
    return this.log.filter(({ msg }) => msg === 'started a worker').map(({ worker }) => Number(worker));
  }

  /** Sends a signal to the primary alone. */
  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Process id of the PostgreSQL that a gateway runs in a data directory. */
export function postmasterOf(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8'), 10);
}
