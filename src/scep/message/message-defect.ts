import type { ErrorCode } from '../../common/error-code';

/**
 * What is wrong with a message that can be answered nevertheless: the code decides the failInfo, the rule is what the
 * request log names, the text is for the device and holds nothing of the message.
 */
export interface MessageDefect {
  readonly code: ErrorCode;
  readonly rule: string;
  readonly detail: string;
}

const defect = (code: ErrorCode, rule: string, detail: string): MessageDefect => ({ code, rule, detail });

/** All defects that the decoder knows, each with the row of the standard that makes it one. */
export const DEFECTS = {
  /** RFC 5652 section 5.3, RFC 8894 section 2.9. */
  digestUnknown: defect(
    'algorithm-not-allowed',
    'message.digest-algorithm',
    'the digest algorithm of the signature is not supported',
  ),
  /** RFC 5652 section 5.3. */
  signatureAlgorithmUnknown: defect(
    'algorithm-not-allowed',
    'message.signature-algorithm',
    'the signature algorithm is not supported',
  ),
  /** RFC 5652 section 5.3: both name the digest, so both must name the same. */
  digestMismatch: defect(
    'bad-signature',
    'message.signature-digest',
    'the signature algorithm names another digest than the digest algorithm',
  ),
  /** RFC 8894 section 2.3. */
  signerKeyUnusable: defect(
    'key-not-allowed',
    'message.signer-key',
    'the key in the signer certificate is of a kind or size that is not supported',
  ),
  /** RFC 5652 section 5.3. */
  signerUnidentified: defect(
    'bad-signature',
    'message.signer-identifier',
    'the message holds no certificate that its signer identifier names',
  ),
  /** RFC 5652 section 5.4. */
  messageDigest: defect(
    'bad-signature',
    'message.message-digest',
    'the messageDigest attribute does not fit the content',
  ),
  /** RFC 5652 section 5.6. */
  signature: defect('bad-signature', 'message.signature', 'the signature of the message is wrong'),
  /** RFC 8894 section 3.2: one signer. */
  severalSigners: defect('malformed-message', 'message.several-signers', 'the message has more than one signer'),
  /** RFC 5652 section 5.3, RFC 8894 section 3.2.1. */
  doubledAttribute: defect(
    'malformed-message',
    'message.doubled-attribute',
    'a signed attribute occurs twice or has several values',
  ),
  /** RFC 5652 section 11.1. */
  contentTypeAttribute: defect(
    'malformed-message',
    'message.content-type-attribute',
    'the contentType attribute is missing or names another type than the content has',
  ),
  /** RFC 8894 section 3.2. */
  contentType: defect('malformed-message', 'message.content-type', 'the content of the message is not of type id-data'),
  /** RFC 8894 section 3.2.1.1. */
  transactionID: defect(
    'malformed-message',
    'message.transaction-id',
    'transactionID is empty, too long or holds control characters',
  ),
  /** RFC 8894 section 3.2.1.5. */
  senderNonce: defect('malformed-message', 'message.sender-nonce', 'senderNonce is no OCTET STRING or too long'),
  /** RFC 8894 section 3.2. */
  noEnvelope: defect('malformed-message', 'message.no-envelope', 'the message has no pkcsPKIEnvelope'),
  /** RFC 8894 section 3.2.1.2. */
  messageType: defect(
    'message-type-not-supported',
    'message.message-type',
    'messageType is missing or is not a message type that a client may send',
  ),
} as const satisfies Record<string, MessageDefect>;
