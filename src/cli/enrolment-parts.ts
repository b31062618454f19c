import type { CaCertificates } from '../client/ca-certificates';
import type { ScepClient } from '../client/scep-client';
import { fingerprintText } from '../pki/x509/fingerprint';
import { sortCaCertificates } from '../client/ca-certificates';
import { ScepClientError } from '../client/scep-client-error';
import { PrivateKey } from '../pki/cms/private-key';
import { DerError } from '../pki/der/der-error';
import { Certificate } from '../pki/x509/certificate';
import { CertificationRequest } from '../pki/x509/certification-request';
import { DIGEST_NAMES, digestLength } from '../pki/x509/digest-name';
import { pem, readPem } from '../pki/x509/pem';
import { CommandError } from './command-error';
import type { EnrollOptions } from './enroll-options';
import { ExitCode } from './exit-code';
import { readInput } from './file-input';
import { writeNewSecret } from './file-output';
import { remark, type Terminal } from './terminal';

/** The private key of a file, which is made if there is none yet. Throws {@link CommandError}. */
export async function privateKeyOf(
  { privateKey: path, keyAlgorithm, rsaBits }: Pick<EnrollOptions, 'privateKey' | 'keyAlgorithm' | 'rsaBits'>,
  terminal: Terminal,
): Promise<PrivateKey> {
  const text = await existing(path, terminal);
  if (text !== undefined) return readable(path, () => PrivateKey.fromPem(text));
  const key = keyAlgorithm === 'RSA' ? PrivateKey.generateRsa(rsaBits) : PrivateKey.generateEc(CURVES[keyAlgorithm]);
  await writeNewSecret(path, pem('PRIVATE KEY', key.toPkcs8()));
  remark(terminal, `made an ${key.publicKey.type.toUpperCase()} key of ${key.publicKey.bits} bits: ${path}`);
  return key;
}

const CURVES = { 'EC-P256': 'P-256', 'EC-P384': 'P-384', 'EC-P521': 'P-521' } as const;

async function existing(path: string, terminal: Terminal): Promise<string | undefined> {
  try {
    return (await readInput(path, terminal)).toString('latin1');
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    if (cause?.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The PKCS #10 request of a file, PEM or DER. Throws {@link CommandError} (`usage`). */
export async function certificationRequestOf(path: string, terminal: Terminal): Promise<CertificationRequest> {
  const bytes = await readInput(path, terminal);
  return readable(path, () => CertificationRequest.read(firstBlock(bytes)));
}

const firstBlock = (bytes: Buffer): Buffer =>
  bytes.includes('-----BEGIN ') ? (readPem(bytes.toString('latin1'))[0]?.der ?? bytes) : bytes;

/**
 * The CA's certificates: from the file that `getca` wrote, or from the server itself, with their fingerprint checked or
 * at least shown. Throws {@link CommandError} and ScepClientError.
 *
 * @param fingerprint of the issuing CA's certificate in hexadecimal digits; its length tells the digest
 */
export async function caCertificatesOf(
  client: ScepClient,
  { file, fingerprint }: { readonly file?: string | undefined; readonly fingerprint?: string | undefined },
  terminal: Terminal,
): Promise<CaCertificates> {
  if (file === undefined) {
    const ca = await client.getCaCert();
    if (fingerprint === undefined)
      remark(
        terminal,
        `the CA's SHA-256 fingerprint is ${fingerprintText(ca.issuer, 'sha256')}: ` +
          'nobody has checked it (--fingerprint or -c does)',
      );
    else checkFingerprint(ca.issuer, fingerprint);
    return ca;
  }
  const bytes = await readInput(file, terminal);
  const ca = readable(file, () => {
    const blocks = bytes.includes('-----BEGIN ') ? readPem(bytes.toString('latin1')).map(({ der }) => der) : [bytes];
    return sortCaCertificates(blocks.map((der) => Certificate.read(der)));
  });
  if (fingerprint !== undefined) checkFingerprint(ca.issuer, fingerprint);
  return ca;
}

function checkFingerprint(certificate: Certificate, fingerprint: string): void {
  const expected = fingerprint.replace(/[:\s]/g, '').toUpperCase();
  const digest = DIGEST_NAMES.find((name) => digestLength(name) * 2 === expected.length);
  if (digest === undefined || !/^[0-9A-F]+$/.test(expected))
    throw new CommandError(
      ExitCode.usage,
      '--fingerprint takes the hexadecimal digits of an MD5, SHA-1 or SHA-2 digest',
    );
  const actual = fingerprintText(certificate, digest);
  if (actual.replaceAll(':', '') === expected) return;
  throw new CommandError(ExitCode.noAnswer, `this is another CA: the fingerprint of its certificate is ${actual}`);
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof ScepClientError)) throw cause;
    throw new CommandError(ExitCode.usage, `${path} cannot be used: ${cause.message}`, { cause });
  }
}
