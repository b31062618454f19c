/** What an operation answers: enough for any transport. */
export interface ScepReply {
  /** Content type without parameters, which Apple's clients compare for equality (row I-10). */
  readonly contentType: string;
  readonly body: Buffer;
}

/** Content types of RFC 8894 sections 3.5.2, 4.2.1, 4.3, 4.7.1 and draft-nourse-scep-06 section 5.6.1. */
export const ContentType = {
  caps: 'text/plain',
  caCert: 'application/x-x509-ca-cert',
  caRaCert: 'application/x-x509-ca-ra-cert',
  caCertChain: 'application/x-x509-ca-ra-cert-chain',
  nextCaCert: 'application/x-x509-next-ca-cert',
  pkiMessage: 'application/x-pki-message',
} as const;
