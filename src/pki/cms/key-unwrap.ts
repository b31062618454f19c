import { readOnly } from '../der/der-reader';
import { readInteger } from '../der/der-values';
import { Tag } from '../der/tag';
import type { Certificate } from '../x509/certificate';
import { digest, type DigestName } from '../x509/digest-name';
import type { PublicKey } from '../x509/public-key';
import type { DecryptionKey } from './decryption-key';
import { type KeyTransport, leastPadding } from './key-transport';

/**
 * Unwrapping of a content-encryption key without telling whether the padding was right. After the RSA operation nothing
 * branches on its result: each check ends in a mask, and the mask chooses octet by octet between the unwrapped key and
 * a substitute that cannot be told from it. Whoever sends a wrong padding learns what he learns from a key that fits
 * nothing (Bleichenbacher 1998, Manger 2001). JavaScript cannot promise constant time; this is as near as it comes.
 */

/** All ones if the octet is zero, else zero. */
const isZero = (octet: number): number => (octet - 1) >> 31;

function choose(valid: number, key: Buffer, substitute: Buffer): Buffer {
  const chosen = Buffer.allocUnsafe(substitute.length);
  for (let i = 0; i < chosen.length; i++)
    chosen[i] = ((key[i] as number) & valid) | ((substitute[i] as number) & ~valid);
  return chosen;
}

/**
 * EME-PKCS1-v1_5 (RFC 8017 section 7.2.2) for a message whose length is known: 00 02, non-zero octets, 00, key. Since
 * the place of the separator is known, nothing has to be searched.
 */
function unpadPkcs1(encoded: Buffer, substitute: Buffer): Buffer {
  const keyStart = encoded.length - substitute.length;
  let wrong = (encoded[0] as number) | ((encoded[1] as number) ^ 2) | (encoded[keyStart - 1] as number);
  for (let i = 2; i < keyStart - 1; i++) wrong |= isZero(encoded[i] as number) & 0xff;
  return choose(isZero(wrong), encoded.subarray(keyStart), substitute);
}

function mgf1(name: DigestName, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let produced = 0, n = 0; produced < length; n++) {
    counter.writeUInt32BE(n);
    const block = digest(name, seed, counter);
    blocks.push(block);
    produced += block.length;
  }
  return Buffer.concat(blocks, length);
}

function xor(a: Buffer, b: Buffer): Buffer {
  const out = Buffer.allocUnsafe(a.length);
  for (let i = 0; i < out.length; i++) out[i] = (a[i] as number) ^ (b[i] as number);
  return out;
}

/** EME-OAEP with an empty label (RFC 8017 section 7.1.2), again for a message whose length is known. */
function unpadOaep(encoded: Buffer, substitute: Buffer, name: DigestName, mgfDigest: DigestName): Buffer {
  const labelHash = digest(name, Buffer.alloc(0));
  const maskedBlock = encoded.subarray(1 + labelHash.length);
  const seed = xor(encoded.subarray(1, 1 + labelHash.length), mgf1(mgfDigest, maskedBlock, labelHash.length));
  const block = xor(maskedBlock, mgf1(mgfDigest, seed, maskedBlock.length));
  const keyStart = block.length - substitute.length;
  let wrong = encoded[0] as number;
  for (let i = 0; i < labelHash.length; i++) wrong |= (block[i] as number) ^ (labelHash[i] as number);
  for (let i = labelHash.length; i < keyStart - 1; i++) wrong |= block[i] as number;
  wrong |= (block[keyStart - 1] as number) ^ 1;
  return choose(isZero(wrong), block.subarray(keyStart), substitute);
}

/** The modulus, big-endian, without leading zero octets. */
function modulusOf(publicKey: PublicKey): Buffer {
  const what = 'RSAPublicKey';
  const content = readInteger(readOnly(publicKey.subjectPublicKey, Tag.SEQUENCE, what).open(what).next(what), what);
  return content[0] === 0 ? content.subarray(1) : content;
}

/**
 * The content-encryption key in `wrapped`, or the key's substitute for it: the caller cannot know which. There is
 * exactly one private operation, whatever `wrapped` is.
 *
 * @param recipient a certificate with an RSA key, and that key
 * @param keyLength length of the content-encryption key in octets
 */
export async function unwrapKey(
  { certificate, key }: { readonly certificate: Certificate; readonly key: DecryptionKey },
  transport: KeyTransport,
  wrapped: Buffer,
  keyLength: number,
): Promise<Buffer> {
  const substitute = key.substitute(wrapped, keyLength);
  // What RSA cannot take is visible to anyone, yet it costs the same: the operation runs on a number that it can take.
  const modulus = modulusOf(certificate.publicKey);
  const possible = wrapped.length === modulus.length && wrapped.compare(modulus) < 0;
  const encoded = await key.raw(possible ? wrapped : Buffer.concat([Buffer.alloc(modulus.length - 1), Buffer.of(2)]));
  if (!possible || encoded.length < keyLength + leastPadding(transport)) return substitute;
  return transport.scheme === 'pkcs1'
    ? unpadPkcs1(encoded, substitute)
    : unpadOaep(encoded, substitute, transport.digest, transport.mgfDigest);
}
