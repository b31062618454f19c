import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, runSuccessfully } from './command';
import { type Attempt, type Credentials, makeKeyFile } from './credentials';
import type { InteropGateway, Method, Registered } from './interop-gateway';
import { keyUsageOf } from './openssl';

/** The files that `pki --scepca` wrote. */
export interface StrongswanCaFiles {
  /** Certificate to encrypt requests to. */
  readonly encryption: string;
  /** Certificate that replies are signed by. */
  readonly signature: string;
  /** The CA certificates besides. */
  readonly others: readonly string[];
}

/** pki's options for one enrolment or renewal. */
export interface StrongswanEnrolment {
  readonly alias: string;
  readonly method?: Method;
  readonly bits?: number;
  readonly endEntity: Registered;
  readonly challenge?: string;
  readonly digest?: string;
  readonly renews?: Credentials;
  /** Of the new certificate; made unless given. */
  readonly keyFile?: string;
  /** What `fetchCa` returned; asked for unless given. */
  readonly ca?: StrongswanCaFiles;
  /** Further options, such as `--interval 1`. */
  readonly options?: readonly string[];
}

/** Runs strongSwan's `pki`. */
export class StrongswanPki {
  /** @param gateway whose URLs and directories it uses */
  constructor(private readonly gateway: InteropGateway) {}

  /** GetCACert. */
  async fetchCa(alias: string, directory = this.gateway.directory()): Promise<StrongswanCaFiles> {
    const ca = join(directory, 'ca.pem');
    const ra = join(directory, 'ra.pem');
    const url = this.gateway.scepUrl(alias, 'POST');
    await runSuccessfully('pki', ['--scepca', '--url', url, '--caout', ca, '--raout', ra, '--outform', 'pem']);
    // What does not fit into one file gets a number: the root comes first, then what stands below it, then the RA's.
    const further = (name: string): string[] =>
      [1, 2, 3].map((n) => join(directory, `${name}-${n}.pem`)).filter((file) => existsSync(file));
    const cas = [ca, ...further('ca')];
    const issuing = cas.at(-1) ?? ca;
    const files: { encryption: string; signature: string } = { encryption: issuing, signature: issuing };
    for (const file of existsSync(ra) ? [ra, ...further('ra')] : []) {
      const usage = await keyUsageOf(file);
      if (usage.includes('Key Encipherment')) files.encryption = file;
      if (usage.includes('Digital Signature')) files.signature = file;
    }
    const used = [files.encryption, files.signature];
    return { ...files, others: cas.filter((file) => !used.includes(file)) };
  }

  /** Enrols or renews. */
  async enrol(enrolment: StrongswanEnrolment): Promise<Attempt> {
    const directory = this.gateway.directory();
    const { alias, method = 'POST', endEntity, renews, digest, options = [] } = enrolment;
    const ca = enrolment.ca ?? (await this.fetchCa(alias, directory));
    const keyFile = enrolment.keyFile ?? makeKeyFile(directory, enrolment.bits);
    const certificateFile = join(directory, 'certificate.pem');
    const { username, enrolmentCode } = endEntity;
    const result = await runCommand('pki', [
      ...['--scep', '--url', this.gateway.scepUrl(alias, method), '--in', keyFile],
      ...(renews === undefined
        ? ['--dn', `C=SE, O=Interop, CN=${username}`, '--password', enrolment.challenge ?? enrolmentCode]
        : ['--dn', `CN=${username}`, '--cert', renews.certificateFile, '--key', renews.keyFile]),
      ...['--cacert-enc', ca.encryption, '--cacert-sig', ca.signature],
      ...ca.others.flatMap((file) => ['--cacert', file]),
      ...(digest === undefined ? [] : ['--digest', digest]),
      ...options,
      ...['--outform', 'pem'],
    ]);
    if (result.stdout !== '') writeFileSync(certificateFile, result.stdout);
    return { result, keyFile, certificateFile };
  }
}
