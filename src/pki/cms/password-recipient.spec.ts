import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { itWithOpenssl, openssl } from '../../../test/support/openssl';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { toIndefinite } from '../../../test/support/indefinite-length';
import { DerError } from '../der/der-error';
import { DerReader } from '../der/der-reader';
import { contextConstructed, octetString, unsignedInteger } from '../der/der-writer';
import { algorithmIdentifier } from '../x509/algorithm-identifier';
import { Oid } from '../x509/oid';
import { pbkdf2Algorithm } from '../x509/pbkdf2';
import { CIPHER_NAMES, cipherFromOid, cipherKeyLength, decryptContent } from './content-cipher';
import { readDerOrBer } from './content-info';
import { readEnvelopedData } from './enveloped-data';
import { encodePasswordEnvelope } from './enveloped-data.writer';
import {
  MAX_READ_ITERATIONS,
  passwordRecipientInfo,
  readPasswordRecipient,
  unwrapForPassword,
  WRITTEN_ITERATIONS,
} from './password-recipient';

/* docs/adr/0001 again, for PasswordRecipientInfo (RFC 5652 section 6.2.4, RFC 3211). */

const CONTENT = Buffer.from('what a password opens, longer than a block', 'latin1');
const PASSWORD = 'Größe 12';
const random = new SequenceRandom('password recipient');

async function openWithOurs(der: Buffer, password: string): Promise<Buffer> {
  const data = readDerOrBer(der, readEnvelopedData);
  expect(data).toMatchObject({ recipients: [], otherRecipients: 0 });
  const cipher = cipherFromOid(data.contentEncryptionAlgorithm.oid)!;
  const recipient = readPasswordRecipient(data.passwordRecipients[0]!);
  const key = await unwrapForPassword(recipient, password, cipherKeyLength(cipher));
  return decryptContent(cipher, key, data.contentEncryptionAlgorithm.parameters!.content, data.encryptedContent);
}

describe('an envelope for who knows a password', () => {
  it.each(CIPHER_NAMES)('opens with ours, and with no other password: %s', async (cipher) => {
    const der = await encodePasswordEnvelope({ content: CONTENT, cipher, password: PASSWORD }, random);
    expect(await openWithOurs(der, PASSWORD)).toEqual(CONTENT);
    expect(await openWithOurs(toIndefinite(der), PASSWORD)).toEqual(CONTENT);
    await expect(openWithOurs(der, 'Grosse 12')).rejects.toThrow(DerError);
  });

  itWithOpenssl.each(CIPHER_NAMES.filter((cipher) => cipher !== 'des'))('opens in OpenSSL: %s', async (cipher) => {
    const der = await encodePasswordEnvelope({ content: CONTENT, cipher, password: PASSWORD }, random);
    const decrypt = 'cms -decrypt -binary -inform DER -in message -out out -pwri_password'.split(' ');
    expect(openssl({ message: der }, [...decrypt, PASSWORD])).toEqual(CONTENT);
    expect(() => openssl({ message: der }, [...decrypt, 'another'])).toThrow();
  });

  it('is read by PKI.js with the same values', async () => {
    const contents = { content: CONTENT, cipher: 'aes256', password: PASSWORD } as const;
    const der = await encodePasswordEnvelope(contents, random);
    const info = pkijs.ContentInfo.fromBER(new Uint8Array(der));
    const enveloped = new pkijs.EnvelopedData({ schema: info.content });
    expect(enveloped.version).toBe(3);
    expect(enveloped.recipientInfos.map(({ variant }) => variant)).toEqual([4]);
    const recipient = enveloped.recipientInfos[0]!.value as pkijs.PasswordRecipientinfo;
    expect(recipient.version).toBe(0);
    expect(recipient.keyDerivationAlgorithm!.algorithmId).toBe(Oid.pbkdf2);
    const derivation = new pkijs.PBKDF2Params({
      schema: recipient.keyDerivationAlgorithm!.algorithmParams as asn1js.Sequence,
    });
    expect(derivation.iterationCount).toBe(WRITTEN_ITERATIONS);
    expect(derivation.prf).toMatchObject({ algorithmId: Oid.hmacWithSHA256 });
    expect(derivation.keyLength).toBeUndefined();
    expect(recipient.keyEncryptionAlgorithm.algorithmId).toBe(Oid.pwriKek);
    const cipher = new pkijs.AlgorithmIdentifier({
      schema: recipient.keyEncryptionAlgorithm.algorithmParams as asn1js.Sequence,
    });
    expect(cipher.algorithmId).toBe(Oid.aes256Cbc);

    // PKI.js knows no PWRI-KEK, so its two passes are undone here with what PKI.js has read.
    const octets = (value: unknown): Buffer => Buffer.from((value as asn1js.OctetString).valueBlock.valueHexView);
    const kek = pbkdf2Sync(PASSWORD, octets(derivation.salt), derivation.iterationCount, 32, 'sha256');
    const undo = (iv: Buffer, blocks: Buffer): Buffer =>
      createDecipheriv('aes-256-cbc', kek, iv).setAutoPadding(false).update(blocks);
    const wrapped = octets(recipient.encryptedKey);
    const inner = undo(undo(wrapped.subarray(-32, -16), wrapped.subarray(-16)), wrapped);
    const padded = undo(octets(cipher.algorithmParams), inner);
    const key = padded.subarray(4, 4 + padded[0]!);
    expect([...padded.subarray(1, 4)]).toEqual([...key.subarray(0, 3)].map((octet) => octet ^ 0xff));
    const { encryptedContentInfo } = enveloped;
    const iv = octets(encryptedContentInfo.contentEncryptionAlgorithm.algorithmParams);
    const opened = createDecipheriv('aes-256-cbc', key, iv);
    const encrypted = octets(encryptedContentInfo.encryptedContent);
    expect(Buffer.concat([opened.update(encrypted), opened.final()])).toEqual(CONTENT);
  });

  itWithOpenssl.each(['-aes128', '-aes192', '-aes256', '-des3', '-aes128 -stream'])(
    'by OpenSSL is read: cms -encrypt %s',
    async (options) => {
      const encrypt = 'cms -encrypt -binary -in in -outform DER -out out'.split(' ');
      const der = openssl({ in: CONTENT }, [...encrypt, ...options.split(' '), '-pwri_password', PASSWORD]);
      expect(await openWithOurs(der, PASSWORD)).toEqual(CONTENT);
      await expect(openWithOurs(der, 'another')).rejects.toThrow('wrong password');
    },
  );

  it.each([128, 192, 256])('by PKI.js is read, which wraps by AES key wrap: %d', async (length) => {
    const enveloped = new pkijs.EnvelopedData({});
    const password = new Uint8Array(Buffer.from(PASSWORD));
    enveloped.addRecipientByPreDefinedData(
      password.buffer,
      {
        keyEncryptionAlgorithm: { name: 'AES-KW', length },
        hmacHashAlgorithm: 'SHA-512',
        iterationCount: 2048,
      },
      2,
    );
    await enveloped.encrypt({ name: 'AES-CBC', length: 256 }, new Uint8Array(CONTENT).buffer);
    const info = new pkijs.ContentInfo({ contentType: Oid.envelopedData, content: enveloped.toSchema() });
    const der = Buffer.from(info.toSchema().toBER());
    expect(await openWithOurs(der, PASSWORD)).toEqual(CONTENT);
    await expect(openWithOurs(der, 'another')).rejects.toThrow('wrong password');
  });

  describe('is refused', () => {
    const SALT = Buffer.alloc(16, 1);
    const CIPHER = algorithmIdentifier(Oid.aes128Cbc, octetString(Buffer.alloc(16)));
    const KEK = algorithmIdentifier(Oid.pwriKek, CIPHER);

    function info(iterations: number, keyEncryption = KEK, derivation?: Buffer): Buffer {
      const algorithm = derivation ?? Buffer.from(pbkdf2Algorithm({ salt: SALT, iterations, digest: 'sha256' }));
      algorithm[0] = 0xa0;
      return contextConstructed(3, unsignedInteger(0), algorithm, keyEncryption, octetString(Buffer.alloc(32)));
    }
    const open = (der: Buffer): Promise<Buffer> =>
      unwrapForPassword(readPasswordRecipient(new DerReader(der).next('test')), PASSWORD, 16);

    it('with more iterations than we are ready to make, before one is made', async () => {
      await expect(open(info(MAX_READ_ITERATIONS + 1))).rejects.toThrow('too many iterations');
      await expect(open(info(0x7fffffff))).rejects.toThrow('too many iterations');
      await expect(open(info(1))).rejects.toThrow('wrong password');
    });

    it.each([
      ['another key derivation', info(1, KEK, algorithmIdentifier(Oid.sha256))],
      ['another key encryption', info(1, algorithmIdentifier(Oid.rsaEncryption))],
      ['key encryption without a cipher', info(1, algorithmIdentifier(Oid.pwriKek))],
      ['with another cipher', info(1, algorithmIdentifier(Oid.pwriKek, algorithmIdentifier(Oid.sha256)))],
    ])('with %s', async (_, der) => {
      await expect(open(der)).rejects.toThrow('not supported');
    });

    it('without a key derivation', async () => {
      const whole = await passwordRecipientInfo(PASSWORD, 'aes128', Buffer.alloc(16), random);
      const parts = new DerReader(whole).next('test').open('test').rest(9, 'test');
      const without = contextConstructed(3, ...parts.filter(({ tag }) => tag !== 0xa0).map(({ raw }) => raw));
      expect(() => readPasswordRecipient(new DerReader(without).next('test'))).toThrow(DerError);
    });
  });
});
