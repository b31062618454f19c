import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { SystemRandomSource } from '../../src/common/random-source';
import type { CipherName } from '../../src/pki/cms/content-cipher';
import { encodeEnvelopedData } from '../../src/pki/cms/enveloped-data.writer';
import { type KeyTransport, PKCS1_KEY_TRANSPORT } from '../../src/pki/cms/key-transport';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import type { DigestName } from '../../src/pki/x509/digest-name';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { extensions, keyUsage, type KeyUsageBit } from '../../src/pki/x509/extension';
import { PublicKey } from '../../src/pki/x509/public-key';
import {
  attribute,
  type AttributeName,
  type ForgedIdentity,
  forgeMessage,
  OIDS,
  printable,
  tlv,
} from './forged-message';
import { challengeOf, forgeRequest, STRING_TYPES } from './forged-request';
import { toIndefinite } from './indefinite-length';

/*
 * The messages of devices that nobody could record, built as what is known of them says: their names, string types,
 * certificates, attributes, encodings and ways to send. They are not made by the gateway's own encoder of messages.
 */

/** How a device sends its message. */
export interface DeviceTransport {
  readonly method: 'GET' | 'POST';
  readonly httpVersion: '1.0' | '1.1';
  /** Behind `/scep/{alias}`. */
  readonly path: string;
  readonly headers: readonly string[];
  /** POST only: behind `operation=PKIOperation`. */
  readonly rest?: string;
  /** GET only: what becomes of the message's bytes in the query. */
  readonly encode?: (bytes: Buffer) => string;
}

/** What a device asks before it enrols, and which type the answer has to have. */
export interface DeviceQuery {
  /** As it stands behind the question mark. */
  readonly query: string;
  readonly contentType: string;
}

/** All that is particular about the messages of one kind of device. */
export interface DeviceShape {
  readonly profile: string;
  /** The authority of the alias, one of the spec's. */
  readonly authority: string;
  /** Settings of the alias besides its device profile: what the recipe says to set. */
  readonly alias?: object;
  readonly queries: readonly DeviceQuery[];
  readonly transport: DeviceTransport;
  /** DER. */
  readonly subject: Buffer;
  /** The user name that is read from it. */
  readonly username: string;
  /** What is registered for the user name besides; by default nothing. */
  readonly registered?: object;
  /** DER of the name in the certificate that signs; by default the subject. */
  readonly signerSubject?: Buffer;
  readonly signerUsage?: readonly KeyUsageBit[];
  /** Content octets of its serial number. */
  readonly signerSerial?: Buffer;
  readonly keyBits?: 1024 | 2048;
  readonly digest: DigestName;
  readonly cipher: CipherName;
  readonly keyTransport?: KeyTransport;
  /** DER of the signatureAlgorithm in the SignerInfo; by default rsaEncryption. */
  readonly signatureAlgorithm?: Buffer;
  /** By default 19. */
  readonly messageType?: string;
  /** In octets; by default 16. */
  readonly nonceLength?: number;
  /** From the octets of the public key. */
  readonly transactionID: (spki: Buffer) => string;
  /** A key of STRING_TYPES. */
  readonly challengeType: string;
  /** Further attributes of the request, DER of each. */
  readonly requestAttributes?: readonly Buffer[];
  /** DER of eContentType. */
  readonly contentType?: Buffer;
  /** Signed attributes that the device leaves out. */
  readonly without?: readonly AttributeName[];
  /** Sends BER of indefinite lengths. */
  readonly indefinite?: boolean;
  /** What it needs back. */
  readonly needs: {
    /** How many certificates a SUCCESS holds: its own and the CA's. */
    readonly certificates: number;
    /** subjectAltNames of its certificate, as `type:value`. */
    readonly altNames?: readonly string[];
  };
}

/** A message of a device, and what the answer is compared with. */
export interface DeviceMessage {
  readonly bytes: Buffer;
  readonly transactionID: string;
  readonly senderNonce: Buffer;
  readonly signer: ForgedIdentity;
}

/** Whose certificate a device builds its messages for. */
export interface DeviceRequest {
  readonly recipient: Certificate;
  readonly challengePassword: string;
  /** The key to certify; by default the device's own. */
  readonly key?: KeyObject;
  /** The certificate that is renewed. */
  readonly renews?: ForgedIdentity;
}

const random = new SystemRandomSource();
const keys = new Map<number, KeyObject>();

/** One key for all devices whose keys have this length: making RSA keys takes long. */
export function deviceKey(bits: number): KeyObject {
  const key = keys.get(bits) ?? generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;
  keys.set(bits, key);
  return key;
}

const spkiOf = (key: KeyObject): Buffer => createPublicKey(key).export({ format: 'der', type: 'spki' });

/** The message of a device of this shape. */
export async function deviceMessage(shape: DeviceShape, asked: DeviceRequest): Promise<DeviceMessage> {
  const key = asked.key ?? deviceKey(shape.keyBits ?? 2048);
  const transactionID = shape.transactionID(spkiOf(key));
  const signer = asked.renews ?? { key, certificate: await signerCertificate(shape, key) };
  const challenge = STRING_TYPES[shape.challengeType]!(asked.challengePassword);
  const request = forgeRequest(key, shape.subject, [challengeOf(challenge), ...(shape.requestAttributes ?? [])]);
  const { cipher, keyTransport = PKCS1_KEY_TRANSPORT } = shape;
  const content = encodeEnvelopedData(
    { content: request.der, cipher, recipient: asked.recipient, keyTransport },
    random,
  );
  const senderNonce = random.bytes(shape.nonceLength ?? 16);
  const forged = forgeMessage({
    signer,
    content,
    digest: shape.digest,
    ...(shape.contentType !== undefined && { contentType: shape.contentType }),
    ...(shape.signatureAlgorithm !== undefined && { signatureAlgorithm: shape.signatureAlgorithm }),
    attributes: (defaults) => {
      const attributes = {
        ...defaults,
        messageType: attribute(OIDS.messageType, printable(shape.messageType ?? '19')),
        senderNonce: attribute(OIDS.senderNonce, tlv(4, senderNonce)),
        transactionID: attribute(OIDS.transactionID, printable(transactionID)),
      };
      const kept = Object.entries(attributes).filter(([name]) => !shape.without?.includes(name as AttributeName));
      return kept.map(([, der]) => der).sort((a, b) => a.compare(b));
    },
  });
  return { bytes: shape.indefinite === true ? toIndefinite(forged) : forged, transactionID, senderNonce, signer };
}

/** The certificate that a device signs for itself. */
async function signerCertificate(shape: DeviceShape, key: KeyObject): Promise<Certificate> {
  const name = DistinguishedName.read(shape.signerSubject ?? shape.subject);
  const spki = spkiOf(key);
  const der = await buildCertificate({
    serialNumber: shape.signerSerial ?? Buffer.of(1),
    issuer: name,
    subject: name,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    spki,
    extensions: shape.signerUsage && extensions([keyUsage(shape.signerUsage)]),
    signer: { publicKey: PublicKey.read(spki), sign: (digest, data) => sign(digest, data, key) },
    digest: shape.digest,
  });
  return Certificate.read(der);
}

/** Hexadecimal digits of a digest of the public key. */
export const keyDigest =
  (digest: string, inUpperCase = true) =>
  (spki: Buffer): string => {
    const hex = createHash(digest).update(spki).digest('hex');
    return inUpperCase ? hex.toUpperCase() : hex;
  };

/** Base64 in lines of 64 characters, each ended, the last one too; escaped as Cisco and sscep escape it. */
export const inLines = (bytes: Buffer): string =>
  bytes
    .toString('base64')
    .replace(/.{1,64}/g, '$&%0A')
    .replace(/[+=]/g, encodeURIComponent);

/** Base64 in one piece, everything escaped that is not a letter or digit. */
export const escaped = (bytes: Buffer): string => encodeURIComponent(bytes.toString('base64'));

/** DER of a Name with one RDN for each list of attributes: type, then value. */
export const name = (...rdns: readonly (readonly (readonly [Buffer, Buffer])[])[]): Buffer =>
  tlv(0x30, ...rdns.map((rdn) => tlv(0x31, ...rdn.map(([type, value]) => tlv(0x30, type, value)))));

const oid = (hex: string): Buffer => tlv(6, Buffer.from(hex, 'hex'));

/** DER of the object identifiers that devices use in names and requests, besides those of `forged-request.ts`. */
export const DEVICE_OIDS = {
  commonName: oid('550403'),
  serialNumber: oid('550405'),
  countryName: oid('550406'),
  organizationName: oid('55040a'),
  organizationalUnitName: oid('55040b'),
  domainComponent: oid('0992268993f22c640119'),
  unstructuredName: oid('2a864886f70d010902'),
  unstructuredAddress: oid('2a864886f70d010908'),
  osVersion: oid('2b0601040182370d0203'),
  enrolmentCsp: oid('2b0601040182370d0202'),
  requestClientInfo: oid('2b0601040182371514'),
  nameValuePair: oid('2b0601040182370d0201'),
  keyUsage: oid('551d0f'),
  subjectAltName: oid('551d11'),
} as const;
