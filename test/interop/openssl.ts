import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand, runSuccessfully } from './command';

/** What OpenSSL may rely on when it judges a certificate. */
export interface Trust {
  /** PEM of the trusted root. */
  readonly root: string;
  /** PEM of the CA certificates in between. */
  readonly intermediates?: readonly string[];
  /** File with the CRL of the issuer, in PEM; revocation is not looked at unless given. */
  readonly crlFile?: string;
}

/**
 * Lets OpenSSL judge a certificate strictly. Its exit code is 0 if it finds nothing wrong.
 *
 * @param directory for the files that it takes
 * @param certificateFile the certificate in PEM
 */
export function verifyCertificate(directory: string, certificateFile: string, trust: Trust): Promise<CommandResult> {
  const { root, intermediates = [], crlFile } = trust;
  const anchor = join(directory, 'root.pem');
  const between = join(directory, 'between.pem');
  writeFileSync(anchor, root);
  writeFileSync(between, intermediates.join('\n'));
  return runCommand('openssl', [
    ...['verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', anchor],
    ...(intermediates.length === 0 ? [] : ['-untrusted', between]),
    ...(crlFile === undefined ? [] : ['-crl_check', '-CRLfile', crlFile]),
    certificateFile,
  ]);
}

/**
 * Has OpenSSL make a PKCS #10 request, as `request.pem`.
 *
 * @param challenge its challengePassword; none unless given
 */
export async function makeRequest(
  directory: string,
  keyFile: string,
  commonName: string,
  challenge?: string,
): Promise<string> {
  const requestFile = join(directory, 'request.pem');
  const configuration = join(directory, 'request.cnf');
  // The option -subj would make it forget the attributes.
  const sections = {
    req: { prompt: 'no', string_mask: 'utf8only', distinguished_name: 'name', attributes: 'attributes' },
    name: { CN: commonName },
    attributes: challenge === undefined ? {} : { challengePassword: challenge },
  };
  const lines = Object.entries(sections).flatMap(([section, values]) => [
    `[${section}]`,
    ...Object.entries(values).map(([name, value]) => `${name} = ${value}`),
  ]);
  writeFileSync(configuration, lines.join('\n') + '\n');
  await runSuccessfully('openssl', ['req', '-new', '-key', keyFile, '-config', configuration, '-out', requestFile]);
  return requestFile;
}

/** The keyUsage of a certificate in OpenSSL's words, such as `Key Encipherment`. */
export async function keyUsageOf(certificateFile: string): Promise<string> {
  const options = ['-in', certificateFile, '-noout', '-ext', 'keyUsage'];
  return (await runSuccessfully('openssl', ['x509', ...options])).stdout;
}
