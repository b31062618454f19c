import type { CipherName } from '../pki/cms/content-cipher';
import type { DigestName } from '../pki/x509/digest-name';
import type { ClientKeyAlgorithm, ScepOptions } from './scep-options';

/** Options of `enroll`. */
export interface EnrollOptions extends ScepOptions {
  readonly privateKey: string;
  readonly localCert?: string;
  readonly request?: string;
  readonly subject?: string;
  readonly san?: readonly string[];
  readonly keyAlgorithm: ClientKeyAlgorithm;
  readonly rsaBits: number;
  readonly challenge?: string;
  readonly challengeFile?: string;
  readonly caCert?: string;
  readonly fingerprint?: string;
  readonly encryption?: CipherName;
  readonly signature?: DigestName;
  /** In seconds; undefined: do not wait. */
  readonly pollTime?: number;
  /** In seconds. */
  readonly pollInterval: number;
  readonly resume?: true;
  readonly get?: true;
  readonly verbose?: true;
  readonly debug?: true;
}
