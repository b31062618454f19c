import type { DigestName } from './digest-name';
import type { PublicKey } from './public-key';

/** A private key that signs, wherever it lives. */
export interface SigningKey {
  /** The public half. */
  readonly publicKey: PublicKey;
  /**
   * Signature over the digest of `data`: RSASSA-PKCS1-v1_5 for an RSA key, a DER Ecdsa-Sig-Value (RFC 3279 section
   * 2.2.3) for an EC key.
   */
  sign(digest: DigestName, data: Buffer): Buffer | Promise<Buffer>;
}
