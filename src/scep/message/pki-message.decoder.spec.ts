import { createHash } from 'node:crypto';
import {
  attribute,
  type AttributeName,
  forgeIdentity,
  type ForgedIdentity,
  type ForgedParts,
  forgeMessage,
  OIDS,
  printable,
  tlv,
} from '../../../test/support/forged-message';
import { DerError } from '../../pki/der/der-error';
import { DIGEST_NAMES } from '../../pki/x509/digest-name';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { MESSAGE_TYPE_NUMBERS } from './message-type';
import { checkPkiMessage, decodePkiMessage, type PkiMessage } from './pki-message.decoder';
import type { MessageTolerance } from './signed-message';

let rsa: ForgedIdentity;
let ec: ForgedIdentity;
let other: ForgedIdentity;

beforeAll(async () => {
  [rsa, ec, other] = await Promise.all([
    forgeIdentity('CN=Müller+serialNumber=7,O=Forge'),
    forgeIdentity('CN=curve', 'ec'),
    forgeIdentity('CN=other'),
  ]);
});

const forge = (parts: Omit<ForgedParts, 'signer'> & { signer?: ForgedIdentity } = {}): Buffer =>
  forgeMessage({ signer: rsa, ...parts });

const decode = (
  parts: Omit<ForgedParts, 'signer'> & { signer?: ForgedIdentity } = {},
  tolerance?: MessageTolerance,
): PkiMessage => decodePkiMessage(forge(parts), tolerance);

/** The rules that a message breaks. */
const rules = (message: PkiMessage): string[] => message.defects.map(({ rule }) => rule);

type Attributes = NonNullable<ForgedParts['attributes']>;

const replaced =
  (name: AttributeName, ...values: Buffer[]): Attributes =>
  (all) =>
    Object.values({ ...all, [name]: attribute(OIDS[name], ...values) });

const without =
  (name: AttributeName): Attributes =>
  (all) =>
    Object.entries(all)
      .filter(([key]) => key !== name)
      .map(([, value]) => value);

const integer = (value: number): Buffer => tlv(2, Buffer.of(value));

describe('decodePkiMessage', () => {
  it('reads a message without defects', () => {
    const message = decode();
    checkPkiMessage(message);
    expect(message).toMatchObject({
      transactionID: 'forged-1',
      transactionIDValue: printable('forged-1'),
      messageType: 'PKCSReq',
      messageTypeText: '19',
      senderNonce: Buffer.alloc(16, 0xab),
      signingTime: undefined,
      digest: 'sha256',
      envelope: Buffer.from('3003020100', 'hex'),
    });
    expect(message.signer.der).toEqual(rsa.certificate.der);
  });

  it.each(DIGEST_NAMES)('checks signatures with %s', (digest) => {
    expect(decode({ digest })).toMatchObject({ digest, defects: [] });
  });

  it('takes the signature algorithm with or without its digest, of RSA and EC', () => {
    expect(rules(decode({ signatureAlgorithm: OIDS.sha256WithRSA }))).toEqual([]);
    const ecdsa = { signer: ec, signatureAlgorithm: OIDS.ecdsaWithSHA256 };
    expect(rules(decode(ecdsa))).toEqual([]);
    // cryptlib
    expect(rules(decode({ ...ecdsa, signatureAlgorithm: OIDS.ecPublicKey }))).toEqual([]);
  });

  it('refuses a signature algorithm that names another digest, another kind of key, or nothing we know', () => {
    expect(rules(decode({ signatureAlgorithm: OIDS.sha1WithRSA }))).toEqual(['message.signature-digest']);
    expect(rules(decode({ signatureAlgorithm: OIDS.ecdsaWithSHA256 }))).toEqual(['message.signature']);
    expect(rules(decode({ signatureAlgorithm: OIDS.rsassaPss }))).toEqual(['message.signature-algorithm']);
    expect(decode({ digestAlgorithm: OIDS.unknown })).toMatchObject({
      digest: 'sha256',
      defects: [{ code: 'algorithm-not-allowed', rule: 'message.digest-algorithm' }],
    });
  });

  it('E-12: takes signed attributes in any order, as long as they are signed in it', () => {
    const unsorted = decode({ attributes: (all) => Object.values(all).sort((a, b) => b.compare(a)) });
    expect(rules(unsorted)).toEqual([]);
  });

  it('refuses what was changed after it was signed', () => {
    const flip = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]);
    expect(rules(decode({ signature: flip }))).toEqual(['message.signature']);
    const bytes = forge();
    bytes[bytes.indexOf('forged-1') + 7] = 0x32;
    expect(decodePkiMessage(bytes)).toMatchObject({ transactionID: 'forged-2' });
    expect(rules(decodePkiMessage(bytes))).toEqual(['message.signature']);
    const content = forge({ content: Buffer.from('3003020101', 'hex') });
    content[content.indexOf('3003020101', 0, 'hex') + 4] = 2;
    expect(rules(decodePkiMessage(content))).toEqual(['message.message-digest']);
  });

  it('E-08: finds the signer by its identifier, whatever else the message carries and wherever it stands', () => {
    const certificates = [other.certificate.der, ec.certificate.der, rsa.certificate.der];
    const message = decode({ certificates });
    expect(rules(message)).toEqual([]);
    expect(message.signer.der).toEqual(rsa.certificate.der);
    expect(message.certificates).toHaveLength(3);
  });

  it('E-08: finds it by the key identifier too', () => {
    const { subjectPublicKey } = rsa.certificate.publicKey;
    const keyIdentifier = createHash('sha1').update(subjectPublicKey).digest();
    const certificates = [other.certificate.der, rsa.certificate.der];
    expect(rules(decode({ certificates, identifier: tlv(0x80, keyIdentifier) }))).toEqual([]);
    expect(rules(decode({ certificates, identifier: tlv(0x80, Buffer.alloc(20)) }))).toContain(
      'message.signer-identifier',
    );
  });

  it('I-15: compares the issuer by meaning', () => {
    const shouted = DistinguishedName.parse('CN=MÜLLER+serialNumber=7,O=forge');
    expect(shouted.raw).not.toEqual(rsa.certificate.issuer.raw);
    const identifier = tlv(0x30, shouted.raw, tlv(2, rsa.certificate.serialNumber));
    expect(rules(decode({ identifier }))).toEqual([]);
  });

  it('refuses a signer identifier that names no certificate of the message, yet can answer', () => {
    const identifier = tlv(0x30, rsa.certificate.issuer.raw, integer(9));
    const message = decode({ identifier });
    expect(message).toMatchObject({ transactionID: 'forged-1', defects: [{ code: 'bad-signature' }] });
    expect(rules(decode({ certificates: [other.certificate.der] }))).toEqual(['message.signer-identifier']);
  });

  it('E-13: refuses more than one signer', () => {
    const twice = decode({ signerInfos: (info) => [info, info] });
    expect(twice.defects).toMatchObject([{ code: 'malformed-message', rule: 'message.several-signers' }]);
  });

  it.each(['contentType', 'messageDigest', 'messageType', 'senderNonce', 'transactionID'] as const)(
    'refuses a doubled %s',
    (name) => {
      const doubled = decode({ attributes: (all) => [...Object.values(all), all[name]] });
      expect(doubled.defects).toMatchObject([{ code: 'malformed-message', rule: 'message.doubled-attribute' }]);
    },
  );

  it('refuses an attribute of two values', () => {
    const attributes = replaced('messageType', printable('19'), printable('17'));
    expect(rules(decode({ attributes }))).toEqual(['message.doubled-attribute']);
  });

  it('E-04: refuses a message without contentType, messageDigest or messageType; does without senderNonce (I-22)', () => {
    const rulesWithout = (name: AttributeName): string[] => rules(decode({ attributes: without(name) }));
    expect(rulesWithout('contentType')).toEqual(['message.content-type-attribute']);
    expect(rulesWithout('messageDigest')).toEqual(['message.message-digest']);
    expect(rulesWithout('messageType')).toEqual(['message.message-type']);
    expect(rulesWithout('senderNonce')).toEqual([]);
    expect(() => rulesWithout('transactionID')).toThrow(DerError);
  });

  it('E-01: refuses an eContentType other than id-data, or a contentType attribute that differs from it', () => {
    expect(rules(decode({ contentType: OIDS.signedData }))).toEqual(['message.content-type']);
    expect(rules(decode({ contentType: OIDS.envelopedData }))).toEqual(['message.content-type']);
    const lying = replaced('contentType', OIDS.signedData);
    expect(rules(decode({ attributes: lying }))).toEqual(['message.content-type-attribute']);
  });

  it('tolerates what it is told to tolerate, and no more', () => {
    const enveloped = { envelopedDataContentType: true };
    expect(rules(decode({ contentType: OIDS.envelopedData }, enveloped))).toEqual([]);
    expect(rules(decode({ contentType: OIDS.signedData }, enveloped))).toEqual(['message.content-type']);
    expect(rules(decode({ attributes: without('contentType') }, { missingContentTypeAttribute: true }))).toEqual([]);
  });

  it('E-10: knows the five types that a client may send among all numbers', () => {
    const sent = Array.from({ length: 256 }, (_, number) => {
      const attributes = replaced('messageType', printable(String(number)));
      const message = decode({ attributes });
      expect(message.messageTypeText).toBe(String(number));
      expect(rules(message)).toEqual(message.messageType === undefined ? ['message.message-type'] : []);
      return message.messageType;
    });
    const known = sent.filter((type) => type !== undefined);
    expect(known).toEqual(['RenewalReq', 'PKCSReq', 'CertPoll', 'GetCert', 'GetCRL']);
    expect(known.map((type) => MESSAGE_TYPE_NUMBERS[type])).toEqual([17, 19, 20, 21, 22]);
  });

  it.each([
    ['019', printable('019')],
    ['empty', printable('')],
    ['with a blank', printable('19 ')],
    ['negative', printable('-19')],
    ['an INTEGER', integer(19)],
    ['NUL behind', printable('19\0')],
  ])('E-10: refuses a messageType that is %s', (_, value) => {
    const attributes = replaced('messageType', value);
    const message = decode({ attributes });
    expect(message.defects).toMatchObject([{ code: 'message-type-not-supported' }]);
    // Nothing reaches the database that it cannot hold.
    expect(message.messageTypeText).not.toContain('\0');
  });

  it.each([0, 1, 8, 16, 20, 64])('I-22: takes a senderNonce of %d octets', (length) => {
    const senderNonce = Buffer.alloc(length, 5);
    const attributes = replaced('senderNonce', tlv(4, senderNonce));
    expect(decode({ attributes })).toMatchObject({ senderNonce, defects: [] });
  });

  it('refuses a senderNonce that is too long or of another type (I-19)', () => {
    for (const value of [tlv(4, Buffer.alloc(65)), printable('0123456789abcdef')]) {
      const attributes = replaced('senderNonce', value);
      expect(rules(decode({ attributes }))).toEqual(['message.sender-nonce']);
    }
  });

  it.each(['SSCEP transactionId', 'wy+OVRdqx9TcZbJEb1zoI7mVi6k=', 'a'.repeat(64), 'b'.repeat(255), '0'])(
    'F-01: takes the transactionID %s and keeps it for the echo',
    (transactionID) => {
      const attributes = replaced('transactionID', printable(transactionID));
      expect(decode({ attributes })).toMatchObject({
        transactionID,
        transactionIDValue: printable(transactionID),
        defects: [],
      });
    },
  );

  it('refuses a transactionID that is empty, too long or unfit for a log, yet echoes it', () => {
    const texts = ['', 'c'.repeat(256), 'a\0b', 'a\r\nb'].map((text) => tlv(0x0c, Buffer.from(text)));
    // Half of a surrogate pair, in a BMPString: PostgreSQL's JSON has no place for it.
    for (const value of [...texts, tlv(0x1e, Buffer.from('0041d800', 'hex'))]) {
      const attributes = replaced('transactionID', value);
      const message = decode({ attributes });
      expect(rules(message)).toEqual(['message.transaction-id']);
      expect(message.transactionIDValue).toEqual(value);
      expect(message.transactionID).toMatch(/^[^\p{Cc}\p{Cs}]{0,255}$/u);
    }
  });

  it('I-24: reads the signing time if there is one, and does without a good one', () => {
    const withTime = (value: Buffer): PkiMessage =>
      decode({ attributes: (all) => [...Object.values(all), attribute(OIDS.signingTime, value)] });
    const utc = withTime(tlv(0x17, Buffer.from('931121000000Z')));
    expect(utc).toMatchObject({ signingTime: new Date('1993-11-21T00:00:00Z'), defects: [] });
    const nonsense = withTime(tlv(0x17, Buffer.from('000000000000Z')));
    expect(nonsense).toMatchObject({ signingTime: undefined, defects: [] });
  });

  it('refuses a message without an envelope: nothing in it is confidential then (K-06)', () => {
    expect(rules(decode({ content: null }))).toEqual(['message.no-envelope']);
    expect(rules(decode({ content: Buffer.alloc(0) }))).toEqual(['message.no-envelope']);
  });

  it.each([
    ['no signed attributes (E-03)', { withoutSignedAttributes: true }],
    ['no signer', { signerInfos: () => [] }],
    ['no certificate', { certificates: [] }],
    ['no certificate that can be read', { certificates: [tlv(0x30, Buffer.of(5, 0))] }],
    ['nine signers', { signerInfos: (info: Buffer) => Array<Buffer>(9).fill(info) }],
  ] satisfies [string, Omit<ForgedParts, 'signer'>][])('is no SCEP message: %s', (_, parts) => {
    expect(() => decode(parts)).toThrow(DerError);
  });

  it('is no SCEP message: nothing, text, a certificate, something behind the message', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('<html>'), rsa.certificate.der])
      expect(() => decodePkiMessage(bytes)).toThrow(DerError);
    expect(() => decodePkiMessage(Buffer.concat([forge(), Buffer.of(0)]))).toThrow(DerError);
  });
});

describe('checkPkiMessage', () => {
  it('tells what is wrong with the signature before all else', () => {
    const message = decode({ signature: () => Buffer.alloc(256, 1), signerInfos: (info) => [info, info] });
    expect(rules(message)).toEqual(['message.signature', 'message.several-signers']);
    expect(() => {
      checkPkiMessage(message);
    }).toThrow('bad-signature: the signature of the message is wrong');
  });
});
