import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
const STOP_MS = 60_000;
const LOG_TAIL = 4000;

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
    const [publicPort, adminPort] = await freePorts();
    const gateway = new GatewayProcess(settings, publicPort, adminPort);
    try {
      await gateway.run();
    } catch (error) {
      await gateway.remove();
      throw error;
    }
    return gateway;
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
      const answers = await Promise.all(
        [this.url, this.adminUrl].map((url) =>
          fetch(new URL('/health/ready', url), { signal: AbortSignal.timeout(5000) }),
        ),
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

/** Two ports that nobody listens on. Somebody else may take them before the gateway does; then it says so and ends. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(servers.map(listenAnywhere));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports as [number, number];
}

async function listenAnywhere(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
