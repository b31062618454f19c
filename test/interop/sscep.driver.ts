import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand, runSuccessfully } from './command';
import { type Attempt, type Credentials, makeKeyFile, readCertificate } from './credentials';
import { sscepCommand } from './foreign-client';
import type { InteropGateway, Method, Registered } from './interop-gateway';
import { makeRequest } from './openssl';

/** What sscep exits with (sscep.h). */
export const SSCEP_EXIT = { success: 0, pending: 3, badAlg: 70, badRequest: 72, badCertId: 74, network: 95 } as const;

/** Which server a command talks to. */
interface Where {
  readonly alias: string;
  readonly method?: Method;
}

/** sscep's options for one enrolment or renewal. */
export interface SscepEnrolment extends Where {
  readonly endEntity: Registered;
  readonly challenge?: string;
  readonly bits?: number;
  /** What is renewed; its key and certificate sign the request, which has no challengePassword then. */
  readonly renews?: Credentials;
  /** Of the new certificate; made unless given. */
  readonly keyFile?: string;
  /** What `getCa` returned; asked for unless given. */
  readonly ca?: string;
  /** Further options, such as `-E 3des`. */
  readonly options?: readonly string[];
}

/** Files of an enrolment by sscep, enough to ask for its end. */
export interface SscepAttempt extends Attempt {
  readonly requestFile: string;
  readonly ca: string;
}

/** Runs sscep. */
export class Sscep {
  /** @param gateway whose URLs and directories it uses */
  constructor(private readonly gateway: InteropGateway) {}

  /** GetCACaps, as sscep writes it. */
  async getCaps(where: Where): Promise<string> {
    return (await this.runSuccessfully('getcaps', where, [])).stdout;
  }

  /**
   * GetCACert.
   *
   * @returns what the option `-c` takes: a file, or the beginning of the names of several
   */
  async getCa(where: Where, directory = this.gateway.directory()): Promise<string> {
    const ca = join(directory, 'ca.pem');
    await this.runSuccessfully('getca', where, ['-c', ca]);
    return ca;
  }

  /**
   * GetNextCACert.
   *
   * @param rootFile by which the signer is verified
   * @returns `ca` as {@link Sscep.getCa} does, and who signed it
   */
  async getNextCa(where: Where, rootFile: string): Promise<{ result: CommandResult; ca: string; signerFile: string }> {
    const directory = this.gateway.directory();
    const ca = join(directory, 'next.pem');
    const signerFile = join(directory, 'signer.pem');
    const result = await this.run('getnextca', where, ['-C', rootFile, '-c', ca, '-w', signerFile]);
    return { result, ca, signerFile };
  }

  /** The certificates that `getCa` or `getNextCa` wrote, in the order of the answer. */
  filesOf(ca: string): string[] {
    const files: string[] = [];
    for (let n = 0; existsSync(`${ca}-${n}`); n++) files.push(`${ca}-${n}`);
    return files.length === 0 ? [ca] : files;
  }

  /** Enrols or renews, and does not wait where the answer is PENDING. */
  async enrol(enrolment: SscepEnrolment): Promise<SscepAttempt> {
    const directory = this.gateway.directory();
    const { endEntity, renews, options = [] } = enrolment;
    const ca = enrolment.ca ?? (await this.getCa(enrolment, directory));
    const keyFile = enrolment.keyFile ?? makeKeyFile(directory, enrolment.bits);
    const challenge = renews === undefined ? (enrolment.challenge ?? endEntity.enrolmentCode) : undefined;
    const requestFile = await makeRequest(directory, keyFile, endEntity.username, challenge);
    const certificateFile = join(directory, 'certificate.pem');
    const result = await this.run('enroll', enrolment, [
      ...['-c', ca, '-k', keyFile, '-r', requestFile, '-l', certificateFile, '-n', '0'],
      ...signedWith(renews),
      ...options,
    ]);
    return { result, keyFile, certificateFile, requestFile, ca };
  }

  /**
   * Asks once, with a CertPoll, what became of a request that was PENDING.
   *
   * @param renews what it renews, if it does: that has signed it
   */
  async resume(where: Where, pending: SscepAttempt, renews?: Credentials): Promise<CommandResult> {
    const { ca, keyFile, requestFile, certificateFile } = pending;
    return this.run('enroll', where, [
      ...['-c', ca, '-k', keyFile, '-r', requestFile, '-l', certificateFile, '-R', '-n', '1', '-t', '1'],
      ...signedWith(renews),
    ]);
  }

  /**
   * GetCert.
   *
   * @param issuerFile certificate of the CA that issued what is asked for
   * @param serialNumber hexadecimal digits
   */
  async getCert(
    where: Where,
    asker: SscepAttempt,
    issuerFile: string,
    serialNumber: string,
  ): Promise<{ result: CommandResult; certificateFile: string }> {
    const certificateFile = join(this.gateway.directory(), 'found.pem');
    const result = await this.run('getcert', where, [
      ...['-c', asker.ca, '-k', asker.keyFile, '-l', asker.certificateFile],
      ...['-O', issuerFile, '-s', BigInt(`0x${serialNumber}`).toString(), '-w', certificateFile],
    ]);
    return { result, certificateFile };
  }

  /**
   * GetCRL.
   *
   * @param certificateFile whose issuer's CRL is asked for; sscep names the CA certificate itself unless given
   */
  async getCrl(
    where: Where,
    asker: SscepAttempt,
    certificateFile?: string,
  ): Promise<{ result: CommandResult; crlFile: string }> {
    const crlFile = join(this.gateway.directory(), 'crl.pem');
    const result = await this.run('getcrl', where, [
      ...['-c', asker.ca, '-k', asker.keyFile, '-l', asker.certificateFile, '-w', crlFile],
      ...(certificateFile === undefined ? [] : ['-O', certificateFile]),
    ]);
    return { result, crlFile };
  }

  private run(operation: string, where: Where, args: readonly string[]): Promise<CommandResult> {
    return runCommand(sscepCommand(), this.arguments(operation, where, args));
  }

  private runSuccessfully(operation: string, where: Where, args: readonly string[]): Promise<CommandResult> {
    return runSuccessfully(sscepCommand(), this.arguments(operation, where, args));
  }

  private arguments(operation: string, { alias, method = 'POST' }: Where, args: readonly string[]): string[] {
    return [operation, '-u', this.gateway.scepUrl(alias, method), ...args];
  }
}

const signedWith = (renews: Credentials | undefined): string[] =>
  renews === undefined ? [] : ['-K', renews.keyFile, '-O', renews.certificateFile];

/** Serial number of a certificate: hexadecimal digits. */
export const serialNumberOf = (certificateFile: string): string => readCertificate(certificateFile).serialNumber;
