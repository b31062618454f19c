import { readCertsOnly } from '../pki/cms/degenerate';
import { DerError } from '../pki/der/der-error';
import { Certificate } from '../pki/x509/certificate';
import { isIssuedBy } from '../pki/x509/certificate-chain';
import type { KeyUsageBit } from '../pki/x509/extension';
import { ScepClientError } from './scep-client-error';

/** What GetCACert gave, with the parts that its certificates play. */
export interface CaCertificates {
  /** All of them, in the order in which they came. */
  readonly certificates: readonly Certificate[];
  /** The CA that issues: whose fingerprint a person compares. */
  readonly issuer: Certificate;
  /** To whom messages are encrypted. */
  readonly recipient: Certificate;
  /** Who may sign an answer. */
  readonly signers: readonly Certificate[];
}

/**
 * Reads the body of a GetCACert answer: one certificate, or certificates only in SignedData (RFC 8894 section 4.2.1).
 * Which it is shows in the octets, for servers disagree on the media type.
 *
 * @throws ScepClientError when it is neither, or certificates that cannot play the parts
 */
export function readCaCertificates(body: Buffer): CaCertificates {
  try {
    return sortCaCertificates(readBag(body));
  } catch (cause) {
    if (cause instanceof DerError)
      throw new ScepClientError('what GetCACert answered is no certificate and no bag of certificates', { cause });
    throw cause;
  }
}

function readBag(body: Buffer): Certificate[] {
  try {
    return [Certificate.read(body)];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return readCertsOnly(body).certificates.map((der) => Certificate.read(der));
}

/**
 * Finds the parts by what the certificates say, not by their place (RFC 8894 section 4.2.1.2): the issuing CA is the one
 * under which there is no other CA; certificates below it are the RA's, told apart by their key usage.
 *
 * @throws ScepClientError when there is no CA
 */
export function sortCaCertificates(certificates: readonly Certificate[]): CaCertificates {
  const authorities = certificates.filter((certificate) => certificate.isCa || certificate.isSelfIssued);
  const issuer = authorities.find(
    (candidate) =>
      !authorities.some((other) => other !== candidate && !other.isSelfIssued && isIssuedBy(other, candidate)),
  );
  if (issuer === undefined) throw new ScepClientError('GetCACert gave no certificate of a CA');
  const registration = certificates.filter(
    (certificate) => !authorities.includes(certificate) && isIssuedBy(certificate, issuer),
  );
  const encryption = registration.find((certificate) => mayUse(certificate, 'keyEncipherment'));
  const signing = registration.filter((certificate) => mayUse(certificate, 'digitalSignature'));
  return {
    certificates,
    issuer,
    recipient: encryption ?? issuer,
    signers: signing.length > 0 ? signing : [issuer],
  };
}

/** A certificate without keyUsage may do anything (RFC 5280 section 4.2.1.3). */
const mayUse = (certificate: Certificate, usage: KeyUsageBit): boolean => certificate.keyUsage?.has(usage) ?? true;
