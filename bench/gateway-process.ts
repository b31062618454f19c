import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loopbackPorts } from './loopback-ports';

const POLL_MS = 20;
const STOP_MS = 60_000;
const LOG_TAIL = 4000;
/** How many pairs of ports are tried before it is not bad luck any more. */
const PORT_ATTEMPTS = 5;

/** How a {@link GatewayProcess} is to run. */
export interface GatewayProcessSettings {
  /** Processes that serve; one per core unless given. */
  readonly workers?: number | undefined;
  /** Options of Node itself, for all its processes. */
  readonly nodeOptions?: readonly string[];
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * The gateway as it is built, as a process of its own, with its own PostgreSQL, in a temporary directory and on random
 * loopback ports. May be killed and started again: data, ports and token stay the same.
 */
export class GatewayProcess {
  /** Bearer token of the first administrator. */
  readonly adminToken = randomBytes(24).toString('base64url');
  private readonly directory: string;
  private child: ChildProcess | undefined;

  private constructor(
    private readonly settings: GatewayProcessSettings,
    private readonly publicPort: number,
    private readonly adminPort: number,
  ) {
    this.directory = mkdtempSync(join(tmpdir(), 'scep-gateway-'));
    // PostgreSQL refuses to run as root and gets another account there, which has to get through.
    chmodSync(this.directory, 0o711);
  }

  /** Starts a gateway on an empty directory and waits until it serves. */
  static async start(settings: GatewayProcessSettings = {}): Promise<GatewayProcess> {
    for (let attempt = 1; ; attempt++) {
      const [publicPort = 0, adminPort = 0] = loopbackPorts(2);
      const gateway = new GatewayProcess(settings, publicPort, adminPort);
      try {
        await gateway.run();
        return gateway;
      } catch (error) {
        const portTaken = gateway.log.includes('EADDRINUSE');
        await gateway.remove();
        if (!portTaken || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  /** Where devices reach it, without a path. */
  get url(): URL {
    return new URL(`http://127.0.0.1:${this.publicPort}`);
  }

  /** Where administrators reach it, without a path. */
  get adminUrl(): URL {
    return new URL(`http://127.0.0.1:${this.adminPort}`);
  }

  /** Its data directory. */
  get dataDir(): string {
    return join(this.directory, 'data');
  }

  /** Process id of the primary. */
  get pid(): number {
    const pid = this.child?.pid;
    if (pid === undefined) throw new Error('the gateway does not run');
    return pid;
  }

  /** The end of what it wrote to standard output and error, over all its runs. */
  get log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(-LOG_TAIL) : '';
  }

  /**
   * Starts it (again) and waits until it serves.
   *
   * @returns milliseconds until it did
   */
  async run(patienceMs = 60_000): Promise<number> {
    const began = performance.now();
    const { nodeOptions = [] } = this.settings;
    const log = openSync(this.logFile, 'a');
    this.child = spawn(process.execPath, [...nodeOptions, join(repository(), 'bin', 'scep-gateway.js'), 'serve'], {
      cwd: this.directory,
      env: this.environment(),
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    await this.ready(patienceMs);
    return performance.now() - began;
  }

  /** Waits until it says that it serves. */
  async ready(patienceMs = 60_000): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!(await this.isReady())) {
      if (!this.isRunning) throw new Error(`the gateway has ended:\n${this.log}`);
      if (performance.now() > deadline)
        throw new Error(`the gateway is not ready after ${patienceMs} ms:\n${this.log}`);
      await delay(POLL_MS);
    }
  }

  /** Waits until the primary has ended, for whatever reason. */
  async ended(): Promise<void> {
    const { child } = this;
    if (child !== undefined && this.isRunning) await once(child, 'exit');
  }

  /** Ends it in the regular way. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit').then(() => true);
    child.kill('SIGTERM');
    if (await Promise.race([ended, delay(STOP_MS, false, { ref: false })])) return;
    child.kill('SIGKILL');
    throw new Error(`the gateway did not end within ${STOP_MS} ms:\n${this.log}`);
  }

  /** Ends it and removes all that it kept. */
  async remove(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.directory, { recursive: true, force: true, maxRetries: 10 });
    }
  }

  private get logFile(): string {
    return join(this.directory, 'gateway.log');
  }

  private get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  private environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      PUBLIC_HOST: '127.0.0.1',
      PUBLIC_PORT: String(this.publicPort),
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: String(this.adminPort),
      PUBLIC_URL: this.url.origin,
      DATA_DIR: this.dataDir,
      ADMIN_TOKEN: this.adminToken,
      LOG_LEVEL: 'warn',
      ...(this.settings.workers === undefined ? {} : { WORKERS: String(this.settings.workers) }),
      ...this.settings.environment,
    };
  }

  private async isReady(): Promise<boolean> {
    try {
      // The token tells it from another gateway that has got one of the ports.
      const headers = { authorization: `Bearer ${this.adminToken}` };
      const answers = await Promise.all(
        [
          new URL('/health/ready', this.url),
          new URL('/health/ready', this.adminUrl),
          new URL('/api/v1/aliases?limit=1', this.adminUrl),
        ].map((url) => fetch(url, { headers, signal: AbortSignal.timeout(5000) })),
      );
      await Promise.all(answers.map((answer) => answer.arrayBuffer()));
      return answers.every(({ status }) => status === 200);
    } catch {
      return false;
    }
  }
}

/** The directory with package.json, seen from bench/ as well as from dist/bench/. */
function repository(): string {
  let directory = __dirname;
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory);
  return directory;
}
