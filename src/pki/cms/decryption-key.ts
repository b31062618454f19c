/**
 * An RSA key that opens envelopes. It may live in a token, hence the promise. Unpadding is not its business: a key that
 * unpads by itself either tells whether the padding was right or hides it in a way of its own, and both differ between
 * versions of Node and between tokens (see `key-unwrap.ts`).
 */
export interface DecryptionKey {
  /** Length of the modulus in octets. */
  readonly modulusBytes: number;

  /**
   * The RSA private operation without any unpadding (RSADP, RFC 8017 section 5.1.2).
   *
   * @param ciphertext `modulusBytes` octets, as a number below the modulus
   * @returns `modulusBytes` octets
   * @throws ServiceError `authority-unavailable` when the key cannot be reached
   */
  raw(ciphertext: Buffer): Buffer | Promise<Buffer>;

  /**
   * What is used in place of a key that could not be unwrapped: always the same for the same input, and unpredictable
   * without the private key, so that a failed unwrapping looks like an unwrapped key that fits nothing.
   *
   * @param ciphertext the wrapped key as received, of any length
   * @param length number of octets wanted, at most 32
   */
  substitute(ciphertext: Buffer, length: number): Buffer;
}
