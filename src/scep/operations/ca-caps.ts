import type { Alias } from '../../aliases/alias';
import type { DigestName } from '../../pki/x509/digest-name';
import { ContentType, type ScepReply } from './scep-reply';

// SHA-384 is no keyword of RFC 8894 section 3.5.2, but strongSwan before 5.9.11 takes it for the permission to use AES.
const DIGEST_KEYWORDS: readonly (readonly [DigestName, string])[] = [
  ['sha512', 'SHA-512'],
  ['sha384', 'SHA-384'],
  ['sha256', 'SHA-256'],
  ['sha1', 'SHA-1'],
];

/**
 * The capabilities of an alias: all that it really does, and nothing else (rows B-01 to B-08).
 * @param announcesNext whether there is a next CA certificate to be told of
 * @returns keywords in the exact spelling of RFC 8894 section 3.5.2
 */
export function capabilities(alias: Alias, announcesNext: boolean): string[] {
  const { digests, ciphers } = alias.algorithms.accept;
  const keywords = ['POSTPKIOperation'];
  if (announcesNext) keywords.push('GetNextCACert');
  if (alias.renewal.enabled) keywords.push('Renewal');
  for (const [digest, keyword] of DIGEST_KEYWORDS) if (digests.includes(digest)) keywords.push(keyword);
  const aes = ciphers.includes('aes128');
  if (ciphers.includes('3des')) keywords.push('DES3');
  if (aes) keywords.push('AES');
  // It stands for AES, POST and SHA-256 and for all that RFC 8894 section 2.9 makes mandatory.
  if (aes && digests.includes('sha256')) keywords.push('SCEPStandard');
  return keywords;
}

/** GetCACaps: one keyword a line. */
export function getCaCaps(alias: Alias, announcesNext: boolean): ScepReply {
  const lines = capabilities(alias, announcesNext).map((keyword) => `${keyword}\n`);
  return { contentType: ContentType.caps, body: Buffer.from(lines.join(''), 'latin1') };
}
