import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand, runSuccessfully } from './command';
import { cryptlibDirectory } from './foreign-client';
import type { InteropGateway, Registered } from './interop-gateway';

const SOURCE = join(__dirname, 'cryptlib-client.c');
const LIBRARIES = ['-lpthread', '-lresolv', '-ldl', '-lrt', '-lz'];

/** What came of an enrolment by cryptlib: the certificate's file is there only if it could read the answer. */
export interface CryptlibAttempt {
  readonly certificateFile: string;
  readonly result: CommandResult;
}

/** Runs cryptlib, by a program of a few lines, for it has no command of its own. */
export class Cryptlib {
  private constructor(
    private readonly gateway: InteropGateway,
    private readonly program: string,
  ) {}

  /** Compiles the program. */
  static async build(gateway: InteropGateway): Promise<Cryptlib> {
    const directory = cryptlibDirectory();
    const program = join(gateway.directory(), 'cryptlib-client');
    const library = join(directory, 'libcl.a');
    await runSuccessfully('cc', [`-I${directory}`, '-w', '-o', program, SOURCE, library, ...LIBRARIES]);
    return new Cryptlib(gateway, program);
  }

  /**
   * Enrols with a new key.
   *
   * @param recipient PEM of the certificate that GetCACert shows for requests
   * @param bits of the curve, or of the RSA modulus
   */
  async enrol(
    alias: string,
    recipient: string,
    { username, enrolmentCode }: Registered,
    bits: number,
  ): Promise<CryptlibAttempt> {
    const directory = this.gateway.directory();
    const [recipientFile, certificateFile] = [join(directory, 'ca.der'), join(directory, 'certificate.der')];
    writeFileSync(recipientFile, new X509Certificate(recipient).raw);
    const url = this.gateway.scepUrl(alias, 'POST');
    const parameters = [url, recipientFile, username, enrolmentCode, String(bits), certificateFile];
    return { certificateFile, result: await runCommand(this.program, parameters) };
  }
}
