import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { constantTimeEqual } from '../common/digest';
import type { SealedSecretStore } from './sealed-secret.store';

const SECRET_NAME = 'verifier-key';

/**
 * Verifiers of secrets that need never be read again, such as enrolment codes (docs/adr/0006): HMAC-SHA-256
 * under a sealed key. Who steals the database alone cannot try guesses; a slow hash would cost more than the RSA.
 */
export class Verifier {
  private readonly key: KeyObject;

  /** @param key the HMAC key, 32 bytes; zeroed here */
  constructor(key: Buffer) {
    this.key = createSecretKey(key);
    key.fill(0);
  }

  /** The verifier whose key all gateways on one database share. */
  static async open(secrets: SealedSecretStore): Promise<Verifier> {
    return new Verifier(await secrets.getOrCreate(SECRET_NAME));
  }

  /**
   * The verifier of a secret: 32 bytes.
   *
   * @param context what the secret is and whose, so that equal secrets have different verifiers
   * @param secret the secret, taken as UTF-8 without any normalisation
   */
  compute(context: string, secret: string): Buffer {
    const label = Buffer.from(context, 'utf8');
    // The length in front keeps context and secret apart: ("ab", "c") differs from ("a", "bc").
    const length = Buffer.alloc(4);
    length.writeUInt32BE(label.length);
    return createHmac('sha256', this.key).update(length).update(label).update(secret, 'utf8').digest();
  }

  /** Whether `verifier` was computed from this context and secret, in a time that does not depend on the answer. */
  matches(context: string, secret: string, verifier: Buffer): boolean {
    return constantTimeEqual(this.compute(context, secret), verifier);
  }
}
