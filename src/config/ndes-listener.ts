import { demandProtection, readTlsFiles, type TlsFiles } from './listener-protection';
import type { VariableReader } from './variable-reader';

/** A listener for NDES's page alone: who is to fetch challenges need not reach the rest of the administration. */
export interface NdesListenerConfig {
  readonly host: string;
  readonly port: number;
  /** Plain HTTP without. */
  readonly tls?: TlsFiles;
}

/**
 * The listener that `NDES_PORT` asks for.
 *
 * @param taken the other listeners' ports
 * @returns undefined where the page is on the administrators' listener
 */
export function readNdesListener(read: VariableReader, taken: readonly number[]): NdesListenerConfig | undefined {
  const host = read.text('NDES_HOST');
  const tls = readTlsFiles(read, 'NDES', read.text('NDES_TLS_CERT_FILE'), read.text('NDES_TLS_KEY_FILE'));
  const behindProxy = read.flag('NDES_BEHIND_PROXY');
  if (read.text('NDES_PORT') === undefined) {
    // Whoever set one of these believes the page to be where it is not.
    if (host !== undefined || tls !== undefined || behindProxy)
      read.mistake('NDES_PORT is missing: without it the page is on the listener of ADMIN_PORT');
    return undefined;
  }
  const port = read.integer('NDES_PORT', 0, 65_535, 0);
  if (port !== 0 && taken.includes(port)) read.mistake('NDES_PORT is to differ from PUBLIC_PORT and ADMIN_PORT');
  const listener = { host: host ?? '127.0.0.1', port, ...(tls === undefined ? {} : { tls }) };
  demandProtection(read, 'NDES', { host: listener.host, tls, behindProxy });
  return Object.freeze(listener);
}
