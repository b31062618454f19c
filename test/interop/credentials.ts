import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandResult } from './command';

/** Files with a certificate and its key, in PEM. */
export interface Credentials {
  readonly keyFile: string;
  readonly certificateFile: string;
}

/** What came of running a client: the certificate is there only if the gateway gave one. */
export interface Attempt extends Credentials {
  readonly result: CommandResult;
}

/** Makes an RSA key and writes it as `key.pem`, in the form that all clients read (PKCS #1). */
export function makeKeyFile(directory: string, bits = 2048): string {
  const keyFile = join(directory, 'key.pem');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs1' }), { mode: 0o600 });
  return keyFile;
}

/** Reads a certificate file. */
export const readCertificate = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

/** Reads the certificate; throws unless the key is its. */
export function readCredentials({ keyFile, certificateFile }: Credentials): X509Certificate {
  const certificate = readCertificate(certificateFile);
  if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile))))
    throw new Error(`${keyFile} is not the key of ${certificateFile}`);
  return certificate;
}

/** SHA-256 fingerprint: lower-case hexadecimal digits. */
export const fingerprint = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase();
