import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AdminApi, AdminApiError } from '../../bench/admin-api';
import { GatewayProcess } from '../../bench/gateway-process';
import { CapabilityFilter } from './capability-filter';
import type { CommandResult } from './command';
import { verifyCertificate } from './openssl';

/** SCEPStandard (RFC 8894 section 3.5.2) promises POST as well, and both clients know that. */
const OFFERS_POST = ['POSTPKIOperation', 'SCEPStandard'];

const POLL_MS = 50;
const PATIENCE_MS = 60_000;

/** What a first start creates, with every default. */
export const DEFAULT_ALIAS = 'scep';
/** The CA that a first start creates. */
export const DEFAULT_AUTHORITY = 'ManagementCA';

/** How a client is made to send its PKIOperation. */
export type Method = 'GET' | 'POST';

/** A registered end entity and its secret. */
export interface Registered {
  readonly username: string;
  readonly enrolmentCode: string;
}

/** A record of the request log, as far as the tests look at it. */
export interface Logged {
  readonly outcome: string;
  readonly rule: string | null;
  readonly errorCode: string | null;
  readonly messageType: string | null;
  readonly explanation: string | null;
}

/** A gateway started from the build with a fresh database, set up by REST alone. */
export class InteropGateway {
  private readonly filters = new Map<Method, CapabilityFilter>();
  private readonly directories: string[] = [];
  private readonly api: AdminApi;
  private registrations = 0;

  private constructor(private readonly gateway: GatewayProcess) {
    this.api = new AdminApi(gateway.adminUrl, gateway.adminToken);
  }

  /** Starts it, with a door that offers POST and one that does not. */
  static async start(): Promise<InteropGateway> {
    const gateway = new InteropGateway(await GatewayProcess.start());
    gateway.filters.set('POST', await CapabilityFilter.start(gateway.gateway.url));
    gateway.filters.set('GET', await CapabilityFilter.start(gateway.gateway.url, OFFERS_POST));
    return gateway;
  }

  /** Ends it and removes all files. */
  async stop(): Promise<void> {
    await Promise.all([...this.filters.values()].map((filter) => filter.stop()));
    await this.gateway.remove();
    for (const directory of this.directories) rmSync(directory, { recursive: true, force: true });
  }

  /** Creates something by REST. */
  async create(path: string, body: object): Promise<void> {
    await this.explained(this.api.post(path, body));
  }

  /** URL of an alias behind a door that makes clients use this method. */
  scepUrl(alias: string, method: Method): string {
    return new URL(`/scep/${alias}/pkiclient.exe`, this.filter(method).url).href;
  }

  /** The methods of the PKIOperations that came through a door so far; forgets them. */
  takeMethods(method: Method): readonly string[] {
    return this.filter(method).methods.splice(0);
  }

  /** Registers an end entity, by the first CA unless told otherwise. */
  async register(authority?: string): Promise<Registered> {
    const username = `interop-${++this.registrations}`;
    const enrolmentCode = randomBytes(9).toString('base64url');
    await this.create('end-entities', { username, enrolmentCode, ...(authority === undefined ? {} : { authority }) });
    return { username, enrolmentCode };
  }

  /** Status of an end entity, such as NEW. */
  async statusOf({ username }: Registered): Promise<string> {
    const { status } = await this.get<{ status: string }>(`end-entities/${username}`);
    return status;
  }

  /** SHA-256 fingerprints of the certificates that were issued to an end entity, in lower-case hexadecimal digits. */
  async certificatesOf({ username }: Registered): Promise<string[]> {
    const { items } = await this.get<{ items: { fingerprint: string }[] }>(`certificates?username=${username}`);
    return items.map(({ fingerprint }) => fingerprint);
  }

  /** PEM of the certificate of an authority, as REST tells it. */
  async certificateOf(authority: string): Promise<string> {
    const { certificate } = await this.get<{ certificate: { pem: string } }>(`authorities/${authority}`);
    return certificate.pem;
  }

  /** PEM of the current RA certificates of an authority; of two that for signatures first, as GetCACert has it. */
  async raCertificatesOf(authority: string): Promise<string[]> {
    const { raCertificates } = await this.get<{
      raCertificates: { state: string; purpose: string; pem: string }[];
    }>(`authorities/${authority}`);
    const current = raCertificates.filter(({ state }) => state === 'current');
    const signing = current.filter(({ purpose }) => purpose === 'sign');
    return [...new Set([...signing, ...current])].map(({ pem }) => pem);
  }

  /** PEM of a generation of an authority, such as `next`, and of its RA certificates. */
  async generationOf(
    authority: string,
    state: string,
  ): Promise<{ readonly certificate: string; readonly raCertificates: readonly string[] }> {
    interface Shown {
      readonly state: string;
      readonly certificate: { readonly pem: string };
      readonly raCertificates: readonly { readonly pem: string }[];
    }
    const { generations } = await this.get<{ generations: Shown[] }>(`authorities/${authority}`);
    const found = generations.find((generation) => generation.state === state);
    if (found === undefined) throw new Error(`${authority} has no generation that is ${state}`);
    return { certificate: found.certificate.pem, raCertificates: found.raCertificates.map(({ pem }) => pem) };
  }

  /** Revokes a certificate; by default its CRL follows at once. */
  async revoke(authority: string, serialNumber: string, reason: string): Promise<void> {
    await this.create(`certificates/${authority}/${serialNumber.toLowerCase()}/revoke`, { reason });
  }

  /**
   * Waits until a request of an end entity waits for an officer, and decides it.
   *
   * @param verdict what the officer says
   */
  async decide({ username }: Registered, verdict: 'approve' | 'reject'): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const { items } = await this.get<{ items: { id: string; username: string }[] }>('approvals?state=waiting');
      const found = items.find((approval) => approval.username === username);
      if (found !== undefined) {
        const reason = verdict === 'reject' ? { reason: 'not one of ours' } : {};
        return this.create(`approvals/${found.id}/${verdict}`, reason);
      }
      if (performance.now() > deadline) throw new Error(`nothing of ${username} waits for an officer`);
      await delay(POLL_MS);
    }
  }

  /** The last request at an alias, as the request log tells it. */
  async lastRequestAt(alias: string): Promise<Logged | undefined> {
    const { items } = await this.get<{ items: Logged[] }>(`requests?alias=${alias}`);
    return items[0];
  }

  /** A file in a directory of its own that is removed with the gateway; its path. */
  file(name: string, content: string): string {
    const path = join(this.directory(), name);
    writeFileSync(path, content);
    return path;
  }

  /** An empty directory that is removed with the gateway. */
  directory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'scep-interop-'));
    chmodSync(directory, 0o700);
    this.directories.push(directory);
    return directory;
  }

  /**
   * Lets OpenSSL judge a certificate strictly.
   *
   * @param certificateFile file with the certificate in PEM
   * @param root name of the authority that is trusted
   * @param intermediates names of the authorities in between
   * @param crlFile the issuer's CRL in PEM; revocation is not looked at unless given
   */
  async verify(
    certificateFile: string,
    root: string,
    intermediates: readonly string[] = [],
    crlFile?: string,
  ): Promise<CommandResult> {
    return verifyCertificate(this.directory(), certificateFile, {
      root: await this.certificateOf(root),
      intermediates: await Promise.all(intermediates.map((name) => this.certificateOf(name))),
      ...(crlFile === undefined ? {} : { crlFile }),
    });
  }

  private get<T>(path: string): Promise<T> {
    return this.explained(this.api.get<T>(path));
  }

  /** What the gateway cannot explain to an administrator stands in its log. */
  private async explained<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof AdminApiError && error.status >= 500)
        throw new Error(`${error.message}\n${this.gateway.log}`, { cause: error });
      throw error;
    }
  }

  private filter(method: Method): CapabilityFilter {
    const filter = this.filters.get(method);
    if (filter === undefined) throw new Error('not started');
    return filter;
  }
}
