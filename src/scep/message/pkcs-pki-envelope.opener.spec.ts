import { createHash } from 'node:crypto';
import { tlv } from '../../../test/support/forged-message';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { ServiceError } from '../../common/service-error';
import { cipherOid, type CipherName, encryptContent } from '../../pki/cms/content-cipher';
import type { DecryptionKey } from '../../pki/cms/decryption-key';
import { encodeEnvelopedData } from '../../pki/cms/enveloped-data.writer';
import { type KeyTransport, PKCS1_KEY_TRANSPORT } from '../../pki/cms/key-transport';
import { PrivateKey } from '../../pki/cms/private-key';
import { oid, unsignedInteger } from '../../pki/der/der-writer';
import { algorithmIdentifier } from '../../pki/x509/algorithm-identifier';
import { Certificate } from '../../pki/x509/certificate';
import { buildCertificate } from '../../pki/x509/certificate-builder';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { Oid } from '../../pki/x509/oid';
import { type EnvelopeRecipient, openEnvelope } from './pkcs-pki-envelope.opener';

const random = new SequenceRandom('opener');
const PLAINTEXT = Buffer.from('3006020101020102', 'hex');

/** A key that counts what it does. */
class CountingKey implements DecryptionKey {
  operations = 0;
  readonly modulusBytes: number;

  constructor(readonly key: PrivateKey) {
    this.modulusBytes = key.modulusBytes;
  }

  raw(ciphertext: Buffer): Buffer {
    this.operations++;
    return this.key.raw(ciphertext);
  }

  substitute(ciphertext: Buffer, length: number): Buffer {
    return this.key.substitute(ciphertext, length);
  }
}

interface Recipient extends EnvelopeRecipient {
  readonly key: CountingKey;
}

async function recipientOf(key: PrivateKey, serial: number): Promise<Recipient> {
  const name = DistinguishedName.parse('CN=Opener CA,O=Test');
  const der = await buildCertificate({
    serialNumber: Buffer.of(serial),
    issuer: name,
    subject: name,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    spki: key.publicKey.spki,
    extensions: undefined,
    signer: key,
    digest: 'sha256',
  });
  return { certificate: Certificate.read(der), key: new CountingKey(key) };
}

let current: Recipient;
let next: Recipient;
/** The same key as {@link current} in an older certificate. */
let renewed: Recipient;
let foreign: Recipient;

beforeAll(async () => {
  const key = PrivateKey.generateRsa(2048);
  current = await recipientOf(key, 1);
  renewed = await recipientOf(key, 2);
  next = await recipientOf(PrivateKey.generateRsa(2048), 3);
  foreign = await recipientOf(PrivateKey.generateRsa(2048), 4);
});
beforeEach(() => {
  for (const { key } of [current, next, renewed, foreign]) key.operations = 0;
});

interface Change {
  readonly recipient?: Recipient;
  readonly cipher?: CipherName;
  readonly keyTransport?: KeyTransport;
  readonly content?: Buffer;
}

function envelope(change: Change = {}): Buffer {
  const { cipher = 'aes128', keyTransport = PKCS1_KEY_TRANSPORT, content = PLAINTEXT } = change;
  return encodeEnvelopedData(
    { content, recipient: (change.recipient ?? current).certificate, cipher, keyTransport },
    random,
  );
}

/** An envelope of given parts, for what the writer does not write. */
function assembled(parts: { recipients: Buffer[]; content: Buffer; contentType?: string; version?: number }): Buffer {
  const info = tlv(0x30, oid(parts.contentType ?? Oid.data), parts.content);
  return tlv(
    0x30,
    oid(Oid.envelopedData),
    tlv(0xa0, tlv(0x30, unsignedInteger(parts.version ?? 0), tlv(0x31, ...parts.recipients), info)),
  );
}

const CEK = Buffer.alloc(16, 0x42);
const IV = Buffer.alloc(16, 0x24);
const aesContent = (plaintext: Buffer): Buffer =>
  Buffer.concat([
    algorithmIdentifier(cipherOid('aes128'), tlv(4, IV)),
    tlv(0x80, encryptContent('aes128', CEK, IV, plaintext)),
  ]);
const byKeyIdentifier = ({ certificate }: Recipient): Buffer =>
  tlv(0x80, createHash('sha1').update(certificate.publicKey.subjectPublicKey).digest());
const ktri = (recipient: Recipient, identifier: Buffer, encryptedKey?: Buffer): Buffer =>
  tlv(
    0x30,
    unsignedInteger(2),
    identifier,
    algorithmIdentifier(Oid.rsaEncryption, tlv(5)),
    tlv(4, encryptedKey ?? recipient.certificate.publicKey.encryptPkcs1(CEK)),
  );

async function refusal(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServiceError)) throw new Error('was not refused with a ServiceError', { cause: error });
  return error;
}

describe('openEnvelope', () => {
  it.each(['des', '3des', 'aes128', 'aes192', 'aes256'] as const)('opens %s', async (cipher) => {
    const opened = await openEnvelope(envelope({ cipher }), [next, current]);
    expect(opened).toEqual({ recipient: current, cipher, keyTransport: PKCS1_KEY_TRANSPORT, content: PLAINTEXT });
    expect([current.key.operations, next.key.operations]).toEqual([1, 0]);
  });

  it('I-14: opens OAEP', async () => {
    const keyTransport: KeyTransport = { scheme: 'oaep', digest: 'sha256', mgfDigest: 'sha256' };
    expect(await openEnvelope(envelope({ keyTransport }), [current])).toMatchObject({
      keyTransport,
      content: PLAINTEXT,
    });
  });

  it('I-17: opens what is encrypted to the next generation with its key', async () => {
    expect(await openEnvelope(envelope({ recipient: next }), [current, next])).toMatchObject({ recipient: next });
  });

  it('I-15: finds the recipient by its key identifier', async () => {
    const message = assembled({ recipients: [ktri(next, byKeyIdentifier(next))], content: aesContent(PLAINTEXT) });
    expect(await openEnvelope(message, [current, next])).toMatchObject({ recipient: next, content: PLAINTEXT });
    expect(current.key.operations).toBe(0);
  });

  it('I-15: tries each of its keys once if it knows no recipient, for the certificate may have been renewed', async () => {
    const opened = await openEnvelope(envelope({ recipient: renewed }), [next, current, renewed].slice(0, 2));
    expect(opened).toMatchObject({ recipient: current, content: PLAINTEXT });
    expect([current.key.operations, next.key.operations]).toEqual([1, 1]);
  });

  it('does not try one key twice under two certificates', async () => {
    const error = await refusal(openEnvelope(envelope({ recipient: foreign }), [current, renewed, next]));
    expect(error).toMatchObject({ code: 'envelope-unreadable', explanation: expect.stringContaining('number 04') });
    expect([current.key.operations, renewed.key.operations, next.key.operations]).toEqual([1, 0, 1]);
  });

  it('finds itself among several recipients, and passes over those of other kinds', async () => {
    const recipients = [
      tlv(0xa3, unsignedInteger(0)),
      ktri(foreign, byKeyIdentifier(foreign)),
      ktri(current, byKeyIdentifier(current)),
    ];
    const message = assembled({ recipients, content: aesContent(PLAINTEXT) });
    expect(await openEnvelope(message, [current])).toMatchObject({ content: PLAINTEXT });
  });

  it('takes a constructed encryptedContent in pieces, and one in BER', async () => {
    const encrypted = encryptContent('aes128', CEK, IV, PLAINTEXT);
    const pieces = tlv(0xa0, tlv(4, encrypted.subarray(0, 5)), tlv(4, encrypted.subarray(5)));
    const content = Buffer.concat([algorithmIdentifier(cipherOid('aes128'), tlv(4, IV)), pieces]);
    const recipients = [ktri(current, byKeyIdentifier(current))];
    expect(await openEnvelope(assembled({ recipients, content }), [current])).toMatchObject({ content: PLAINTEXT });
    const indefinite = Buffer.concat([Buffer.of(0xa0, 0x80), tlv(4, encrypted), Buffer.of(0, 0)]);
    const ber = Buffer.concat([algorithmIdentifier(cipherOid('aes128'), tlv(4, IV)), indefinite]);
    expect(await openEnvelope(assembled({ recipients, content: ber }), [current])).toMatchObject({
      content: PLAINTEXT,
    });
  });

  it('N-17, PyScep: does not care for the version', async () => {
    const recipients = [ktri(current, byKeyIdentifier(current))];
    const message = assembled({ recipients, content: aesContent(PLAINTEXT), version: 1 });
    expect(await openEnvelope(message, [current])).toMatchObject({ content: PLAINTEXT });
  });

  describe('decision 5: bad padding, bad blocks and unreadable content are one', () => {
    const flipped = (bytes: Buffer, fromEnd: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[copy.length - fromEnd]! ^= 1;
      return copy;
    };
    const wrapped = (plain: Buffer): Buffer => current.certificate.publicKey.encryptPkcs1(plain);
    const withKey = (encryptedKey: Buffer, content = aesContent(PLAINTEXT)): Buffer =>
      assembled({ recipients: [ktri(current, byKeyIdentifier(current), encryptedKey)], content });

    it.each<[string, () => Buffer]>([
      ['the wrapped key was changed', () => withKey(flipped(wrapped(CEK), 3))],
      ['the wrapped key is too short', () => withKey(wrapped(CEK).subarray(1))],
      ['the wrapped key is not below the modulus', () => withKey(Buffer.alloc(256, 0xff))],
      ['the wrapped key is empty', () => withKey(Buffer.alloc(0))],
      ['the key has the length of another cipher', () => withKey(wrapped(Buffer.alloc(24, 1)))],
      ['the key is another one', () => withKey(wrapped(Buffer.alloc(16, 1)))],
      ['the last block was changed', () => flipped(envelope(), 1)],
      [
        'a block is missing',
        () =>
          withKey(
            wrapped(CEK),
            aesContentOf((all) => all.subarray(16)),
          ),
      ],
      [
        'half a block is missing',
        () =>
          withKey(
            wrapped(CEK),
            aesContentOf((all) => all.subarray(8)),
          ),
      ],
      [
        'there is no block',
        () =>
          withKey(
            wrapped(CEK),
            aesContentOf(() => Buffer.alloc(0)),
          ),
      ],
      ['the content is no DER', () => envelope({ content: Buffer.from('secret=1') })],
      ['the content is empty', () => envelope({ content: Buffer.alloc(0) })],
      ['something follows the content', () => envelope({ content: Buffer.concat([PLAINTEXT, Buffer.of(0)]) })],
    ])('%s', async (_, make) => {
      const error = await refusal(openEnvelope(make(), [current]));
      expect(error).toMatchObject({
        code: 'envelope-unreadable',
        publicDetail:
          'the pkcsPKIEnvelope cannot be opened, or its content is no request signed with the key that signed the message',
        rule: 'message.envelope',
        explanation: undefined,
      });
      expect(error.cause).toBeUndefined();
      expect(current.key.operations).toBe(1);
    });

    const aesContentOf = (change: (encrypted: Buffer) => Buffer): Buffer =>
      Buffer.concat([
        algorithmIdentifier(cipherOid('aes128'), tlv(4, IV)),
        tlv(0x80, change(encryptContent('aes128', CEK, IV, PLAINTEXT))),
      ]);
  });

  it('E-06: says the same of what is no envelope for us, without a key operation', async () => {
    const recipients = [ktri(current, byKeyIdentifier(current))];
    const without = algorithmIdentifier(cipherOid('aes128'), tlv(4, IV));
    for (const message of [
      Buffer.from('garbage'),
      PLAINTEXT,
      envelope().subarray(0, 100),
      assembled({ recipients: [], content: aesContent(PLAINTEXT) }),
      assembled({ recipients, content: without }),
      // not id-data
      assembled({ recipients, content: aesContent(PLAINTEXT), contentType: Oid.signedData }),
    ]) {
      const error = await refusal(openEnvelope(message, [current]));
      expect(error.message).toBe(
        'envelope-unreadable: the pkcsPKIEnvelope cannot be opened, or its content is no request signed with the key that signed the message',
      );
    }
    expect(current.key.operations).toBe(0);
  });

  it('refuses algorithms that are unknown or not allowed before it uses a key', async () => {
    const blowfish = Buffer.concat([algorithmIdentifier('1.3.6.1.4.1.3029.1.2', tlv(4, IV)), tlv(0x80, IV)]);
    const recipients = [ktri(current, byKeyIdentifier(current))];
    const oaep: KeyTransport = { scheme: 'oaep', digest: 'sha1', mgfDigest: 'sha1' };
    const policy = { ciphers: ['aes128', 'aes256'], keyTransports: ['pkcs1'] } as const;
    for (const [message, rule] of [
      [assembled({ recipients, content: blowfish }), 'message.content-encryption'],
      [envelope({ cipher: 'des' }), 'message.content-encryption'],
      [envelope({ keyTransport: oaep }), 'message.key-transport'],
      // K-05: only a password could open it.
      [
        assembled({ recipients: [tlv(0xa3, unsignedInteger(0))], content: aesContent(PLAINTEXT) }),
        'message.password-recipient',
      ],
    ] as const) {
      expect(await refusal(openEnvelope(message, [current], policy))).toMatchObject({
        code: 'algorithm-not-allowed',
        rule,
      });
    }
    expect(current.key.operations).toBe(0);
    expect(await openEnvelope(envelope(), [current], policy)).toMatchObject({ content: PLAINTEXT });
  });

  it('lets through what an unreachable key says of itself', async () => {
    const unreachable = new ServiceError('authority-unavailable', 'the key cannot be reached');
    const key: DecryptionKey = {
      modulusBytes: 256,
      raw: () => Promise.reject(unreachable),
      substitute: (_, length) => Buffer.alloc(length),
    };
    const { certificate } = current;
    expect(await refusal(openEnvelope(envelope(), [{ certificate, key }]))).toBe(unreachable);
  });
});
