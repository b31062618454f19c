import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import type { DigestName } from '../../src/pki/x509/digest-name';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { extensions, subjectKeyIdentifier } from '../../src/pki/x509/extension';
import { PublicKey } from '../../src/pki/x509/public-key';

/*
 * Makes pkiMessages that our encoder cannot make: with any part missing, doubled or wrong, and a signature that fits all
 * the same. It shares nothing with the encoder.
 */

/** An element of any tag with a definite length. */
export function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? Buffer.of(content.length)
      : content.length < 0x100
        ? Buffer.of(0x81, content.length)
        : content.length < 0x1_0000
          ? Buffer.of(0x82, content.length >> 8, content.length & 0xff)
          : Buffer.of(0x83, content.length >> 16, (content.length >> 8) & 0xff, content.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

const oid = (hex: string): Buffer => tlv(6, Buffer.from(hex, 'hex'));

/** DER of the object identifiers that a message needs. */
export const OIDS = {
  data: oid('2a864886f70d010701'),
  signedData: oid('2a864886f70d010702'),
  envelopedData: oid('2a864886f70d010703'),
  contentType: oid('2a864886f70d010903'),
  messageDigest: oid('2a864886f70d010904'),
  signingTime: oid('2a864886f70d010905'),
  messageType: oid('6086480186f845010902'),
  senderNonce: oid('6086480186f845010905'),
  transactionID: oid('6086480186f845010907'),
  rsaEncryption: oid('2a864886f70d010101'),
  sha256WithRSA: oid('2a864886f70d01010b'),
  sha1WithRSA: oid('2a864886f70d010105'),
  rsassaPss: oid('2a864886f70d01010a'),
  ecPublicKey: oid('2a8648ce3d0201'),
  ecdsaWithSHA256: oid('2a8648ce3d040302'),
  unknown: oid('2a0304'),
} as const;

const DIGEST_OIDS: Readonly<Record<DigestName, Buffer>> = {
  md5: oid('2a864886f70d0205'),
  sha1: oid('2b0e03021a'),
  sha224: oid('608648016503040204'),
  sha256: oid('608648016503040201'),
  sha384: oid('608648016503040202'),
  sha512: oid('608648016503040203'),
};

const NULL = Buffer.of(5, 0);
const VERSION = Buffer.of(2, 1, 1);

/** PrintableString. */
export const printable = (text: string): Buffer => tlv(0x13, Buffer.from(text, 'latin1'));

/** An attribute with these values. */
export const attribute = (type: Buffer, ...values: readonly Buffer[]): Buffer => tlv(0x30, type, tlv(0x31, ...values));

/** A key and a certificate that it signed for itself. */
export interface ForgedIdentity {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

/** Makes an identity; its certificate has a subjectKeyIdentifier if asked, and no other extension. */
export async function forgeIdentity(
  subject: string,
  type: 'rsa' | 'ec' = 'rsa',
  withKeyIdentifier = false,
): Promise<ForgedIdentity> {
  const key =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const name = DistinguishedName.parse(subject);
  const der = await buildCertificate({
    serialNumber: Buffer.from('0100000000000007', 'hex'),
    issuer: name,
    subject: name,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    spki,
    extensions: withKeyIdentifier ? extensions([subjectKeyIdentifier(spki)]) : undefined,
    signer: { publicKey: PublicKey.read(spki), sign: (digest, data) => sign(digest, data, key) },
    digest: 'sha256',
  });
  return { key, certificate: Certificate.read(der) };
}

/** The parts of a message; what is left out is as it should be. */
export interface ForgedParts {
  readonly signer: ForgedIdentity;
  /** Null leaves eContent out. */
  readonly content?: Buffer | null;
  /** DER of eContentType. */
  readonly contentType?: Buffer;
  readonly digest?: DigestName;
  /** DER of the digestAlgorithm's object identifier, where it is to lie. */
  readonly digestAlgorithm?: Buffer;
  /** DER of the signatureAlgorithm's object identifier. */
  readonly signatureAlgorithm?: Buffer;
  /** Changes the signed attributes before they are signed. They are sent in the order that comes out. */
  readonly attributes?: (attributes: Readonly<Record<AttributeName, Buffer>>) => readonly Buffer[];
  /** DER of the signer identifier. */
  readonly identifier?: Buffer;
  readonly certificates?: readonly Buffer[];
  /** Changes the list of SignerInfos. */
  readonly signerInfos?: (info: Buffer) => readonly Buffer[];
  /** Changes the signature. */
  readonly signature?: (signature: Buffer) => Buffer;
  /** Sign the content instead of attributes, and send none. */
  readonly withoutSignedAttributes?: boolean;
}

/** The attributes that a message has by default. */
export type AttributeName = 'contentType' | 'messageDigest' | 'messageType' | 'senderNonce' | 'transactionID';

/** DER of a message made of these parts. */
export function forgeMessage(parts: ForgedParts): Buffer {
  const { signer, digest = 'sha256', contentType = OIDS.data } = parts;
  const content = parts.content === undefined ? Buffer.from('3003020100', 'hex') : parts.content;
  const digestAlgorithm = tlv(0x30, parts.digestAlgorithm ?? DIGEST_OIDS[digest], NULL);
  const defaults = {
    contentType: attribute(OIDS.contentType, contentType),
    messageDigest: attribute(
      OIDS.messageDigest,
      tlv(
        4,
        createHash(digest)
          .update(content ?? '')
          .digest(),
      ),
    ),
    messageType: attribute(OIDS.messageType, printable('19')),
    senderNonce: attribute(OIDS.senderNonce, tlv(4, Buffer.alloc(16, 0xab))),
    transactionID: attribute(OIDS.transactionID, printable('forged-1')),
  };
  const list = parts.attributes?.(defaults) ?? Object.values(defaults).sort((a, b) => a.compare(b));
  const signed = parts.withoutSignedAttributes === true ? (content ?? Buffer.alloc(0)) : tlv(0x31, ...list);
  const signature = sign(digest, signed, signer.key);
  const { certificate } = signer;
  const signerInfo = tlv(
    0x30,
    VERSION,
    parts.identifier ?? tlv(0x30, certificate.issuer.raw, tlv(2, certificate.serialNumber)),
    digestAlgorithm,
    ...(parts.withoutSignedAttributes === true ? [] : [tlv(0xa0, ...list)]),
    tlv(0x30, parts.signatureAlgorithm ?? OIDS.rsaEncryption, NULL),
    tlv(4, parts.signature?.(signature) ?? signature),
  );
  return tlv(
    0x30,
    OIDS.signedData,
    tlv(
      0xa0,
      tlv(
        0x30,
        VERSION,
        tlv(0x31, digestAlgorithm),
        tlv(0x30, contentType, ...(content === null ? [] : [tlv(0xa0, tlv(4, content))])),
        tlv(0xa0, ...(parts.certificates ?? [certificate.der])),
        tlv(0x31, ...(parts.signerInfos?.(signerInfo) ?? [signerInfo])),
      ),
    ),
  );
}
