import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type CommandResult, runCommand, runSuccessfully } from './command';
import type { Attempt, Credentials } from './credentials';
import { SCEP_SUBMIT } from './foreign-client';
import type { InteropGateway, Registered } from './interop-gateway';

const POLL_MS = 50;
const PATIENCE_MS = 60_000;
const PATIENCE_S = PATIENCE_MS / 1000;
/** certmonger's states of a request that it does nothing more about by itself, until it polls or renews. */
const RESTING = ['MONITORING', 'CA_WORKING', 'CA_REJECTED', 'CA_UNREACHABLE', 'NEED_GUIDANCE'];

/** What `getcert list` tells of a request. */
export interface CertmongerStatus {
  /** Such as MONITORING. */
  readonly status: string;
  /** What the CA said at last; undefined if it refused nothing. */
  readonly error: string | undefined;
}

/**
 * Runs certmonger: its daemon, for which neither a bus nor root is needed, and `getcert` to tell it what to do. All that it
 * keeps is in a directory of its own.
 */
export class Certmonger {
  private readonly environment: Readonly<Record<string, string>>;
  private readonly socket: string;
  private daemon: ChildProcess | undefined;
  private output = '';

  /** @param gateway whose URLs and directories it uses */
  constructor(private readonly gateway: InteropGateway) {
    const home = gateway.directory();
    const directory = (name: string): string => {
      const path = join(home, name);
      mkdirSync(path);
      return path;
    };
    const temporary = directory('tmp');
    this.socket = join(home, 'socket');
    this.environment = {
      HOME: home,
      TMPDIR: temporary,
      CERTMONGER_TMPDIR: temporary,
      CERTMONGER_REQUESTS_DIR: directory('requests'),
      CERTMONGER_CAS_DIR: directory('cas'),
      CERTMONGER_PVT_ADDRESS: `unix:path=${this.socket}`,
    };
  }

  /** GetCACaps by the helper alone: the lines of the answer. */
  async getCaps(alias: string): Promise<string[]> {
    const { stdout } = await runSuccessfully(SCEP_SUBMIT, ['-u', this.url(alias), '--retrieve-ca-capabilities']);
    return stdout.trim().split(/\s+/);
  }

  /** GetCACert by the helper alone: an RA certificate if there is one, the CA certificate, all others, in PEM. */
  async getCa(alias: string): Promise<string[]> {
    const { stdout } = await runSuccessfully(SCEP_SUBMIT, ['-u', this.url(alias), '--retrieve-ca-certificates']);
    return stdout.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  }

  /** Starts the daemon and waits until it listens. */
  async start(): Promise<void> {
    this.daemon = spawn('certmonger', ['-L', '-P', this.socket, '-n'], {
      env: { ...process.env, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (text: Buffer): void => void (this.output = (this.output + text.toString()).slice(-4000));
    this.daemon.stdout?.on('data', keep);
    this.daemon.stderr?.on('data', keep);
    await this.until(() => Promise.resolve(existsSync(this.socket)));
  }

  /** Ends the daemon. */
  async stop(): Promise<void> {
    const { daemon } = this;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }

  /**
   * Tells it of a CA: an alias.
   *
   * @param rootFile the root in PEM, by its absolute path. Where there are RA certificates it finds all that it needs itself
   */
  async addCa(alias: string, rootFile?: string): Promise<void> {
    const options = rootFile === undefined ? [] : ['-N', rootFile];
    await this.getcert(['add-scep-ca', '-c', alias, '-u', this.url(alias), ...options]);
  }

  /** Has it make a key and ask for a certificate; waits until that is decided or PENDING. */
  async request(alias: string, endEntity: Registered, challenge = endEntity.enrolmentCode): Promise<Attempt> {
    const directory = this.gateway.directory();
    const credentials = { keyFile: join(directory, 'key.pem'), certificateFile: join(directory, 'certificate.pem') };
    return this.attempt(credentials, [
      ...['request', '-c', alias, '-k', credentials.keyFile, '-f', credentials.certificateFile],
      ...['-N', `CN=${endEntity.username}`, '-L', challenge],
    ]);
  }

  /** Has it renew, with a new key. */
  rekey(credentials: Credentials): Promise<Attempt> {
    return this.attempt(credentials, ['rekey', '-f', credentials.certificateFile]);
  }

  /** Has it renew, with the key that there is. */
  resubmit(credentials: Credentials): Promise<Attempt> {
    return this.attempt(credentials, ['resubmit', '-f', credentials.certificateFile]);
  }

  /** What it thinks of a request. */
  async statusOf({ certificateFile }: Credentials): Promise<CertmongerStatus> {
    const { stdout } = await this.getcert(['list', '-f', certificateFile]);
    const [, status = ''] = /^\s*status: (.*)$/m.exec(stdout) ?? [];
    return { status, error: /^\s*ca-error: (.*)$/m.exec(stdout)?.[1] };
  }

  private async attempt({ keyFile, certificateFile }: Credentials, args: readonly string[]): Promise<Attempt> {
    const credentials = { keyFile, certificateFile };
    const result = await this.getcert([...args, '-v', '-w', '--wait-timeout', String(PATIENCE_S)]);
    await this.until(async () => RESTING.includes((await this.statusOf(credentials)).status));
    return { result, ...credentials };
  }

  private getcert(args: readonly string[]): Promise<CommandResult> {
    return runCommand('getcert', args, { environment: this.environment });
  }

  private url(alias: string): string {
    // It uses GET whatever it is offered.
    return this.gateway.scepUrl(alias, 'POST');
  }

  private async until(condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await condition())) {
      if (performance.now() > deadline)
        throw new Error(`certmonger did not get there within ${PATIENCE_MS} ms:\n${this.output}`);
      await delay(POLL_MS);
    }
  }
}
