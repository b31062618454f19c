import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { VariableReader } from './variable-reader';

/** Certificate chain and private key of a listener, both PEM. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** What the variables of a listener begin with that takes secrets. */
export type ProtectedListener = 'ADMIN' | 'NDES';

/** Whether a host name or address reaches this machine only. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\])$/i.test(host);
}

/** Notes a mistake where secrets would cross a network in clear: off the loopback interface without TLS or a proxy's. */
export function demandProtection(
  read: VariableReader,
  name: ProtectedListener,
  given: { readonly host: string; readonly tls: TlsFiles | undefined; readonly behindProxy: boolean },
): void {
  if (isLoopback(given.host) || given.tls !== undefined || given.behindProxy) return;
  read.mistake(
    `${name}_HOST is no loopback address: set ${name}_TLS_CERT_FILE and ${name}_TLS_KEY_FILE, ` +
      `or ${name}_BEHIND_PROXY=true if a proxy in front does the TLS`,
  );
}

/**
 * Checks the TLS files of a listener.
 *
 * @returns absolute paths; undefined where none are given, or where they cannot be used, which is noted
 */
export function readTlsFiles(
  read: VariableReader,
  name: ProtectedListener,
  certificateFile: string | undefined,
  keyFile: string | undefined,
): TlsFiles | undefined {
  const variables = [`${name}_TLS_CERT_FILE`, `${name}_TLS_KEY_FILE`] as const;
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile === undefined || keyFile === undefined) {
    read.mistake(`${variables[0]} and ${variables[1]} are to be set together`);
    return undefined;
  }
  const cert = read.readFile(variables[0], certificateFile);
  const key = read.readFile(variables[1], keyFile);
  if (cert === undefined || key === undefined) return undefined;
  try {
    createSecureContext({ cert, key });
  } catch {
    read.mistake(`${variables[0]} and ${variables[1]} hold no PEM certificate with its own private key`);
  }
  return Object.freeze({ certificateFile: resolve(certificateFile), keyFile: resolve(keyFile) });
}
