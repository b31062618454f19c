import * as asn1js from 'asn1js';
import { type KeyObject, webcrypto } from 'node:crypto';
import * as pkijs from 'pkijs';
import { forgeIdentity, type ForgedIdentity } from '../../../test/support/forged-message';
import { itWithOpenssl, openssl } from '../../../test/support/openssl';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { toIndefinite } from '../../../test/support/indefinite-length';
import { octetString, time } from '../der/der-writer';
import { pem } from '../x509/pem';
import { DIGEST_NAMES, type DigestName } from '../x509/digest-name';
import { Oid } from '../x509/oid';
import { attribute } from './attribute';
import { identifies } from './certificate-identifier';
import { CIPHER_NAMES, cipherFromOid, cipherKeyLength, type CipherName, decryptContent } from './content-cipher';
import { readDerOrBer } from './content-info';
import { certsOnly, readCertsOnly } from './degenerate';
import { readEnvelopedData } from './enveloped-data';
import { encodeEnvelopedData } from './enveloped-data.writer';
import { type KeyTransport, keyTransportOf, PKCS1_KEY_TRANSPORT } from './key-transport';
import { unwrapKey } from './key-unwrap';
import { PrivateKey } from './private-key';
import { readSignedData } from './signed-data';
import { encodeSignedData } from './signed-data.writer';

/* docs/adr/0001: whatever our writer writes, others read with the same values, and the other way round. */

const CONTENT = Buffer.from('what is signed and what is encrypted, longer than a block', 'latin1');
const random = new SequenceRandom('cms oracle');

let rsa: ForgedIdentity;
let ec: ForgedIdentity;

beforeAll(async () => {
  [rsa, ec] = await Promise.all([forgeIdentity('CN=Oracle,O=Test', 'rsa', true), forgeIdentity('CN=Curve', 'ec')]);
});

const pkcs8 = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });
const keyPem = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const signerOf = ({ key, certificate }: ForgedIdentity): { key: PrivateKey; certificate: typeof certificate } => ({
  key: PrivateKey.fromPkcs8(pkcs8(key)),
  certificate,
});
const pkijsContent = (der: Buffer): pkijs.ContentInfo => pkijs.ContentInfo.fromBER(new Uint8Array(der));
const bytesOf = (buffer: ArrayBuffer): Buffer => Buffer.from(buffer);

async function openWithOurs(der: Buffer, { key, certificate }: ForgedIdentity): Promise<Buffer> {
  const data = readDerOrBer(der, readEnvelopedData);
  const [info] = data.recipients;
  expect(identifies(info!.recipient, certificate)).toBe(true);
  const cipher = cipherFromOid(data.contentEncryptionAlgorithm.oid)!;
  const transport = keyTransportOf(info!.keyEncryptionAlgorithm)!;
  const own = { certificate, key: PrivateKey.fromPkcs8(pkcs8(key)) };
  const cek = await unwrapKey(own, transport, info!.encryptedKey, cipherKeyLength(cipher));
  return decryptContent(cipher, cek, data.contentEncryptionAlgorithm.parameters!.content, data.encryptedContent);
}

describe('SignedData that we write', () => {
  const extra = attribute(Oid.senderNonce, octetString(Buffer.alloc(16, 3)));
  const attributes = [attribute(Oid.signingTime, time(new Date('2026-11-21T00:00:00Z'))), extra];

  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('verifies in PKI.js: RSA, %s', async (digest) => {
    const der = await encodeSignedData({ content: CONTENT, attributes, signer: signerOf(rsa), digest });
    const signed = new pkijs.SignedData({ schema: pkijsContent(der).content });
    expect(await signed.verify({ signer: 0, checkChain: false })).toBe(true);
    expect(signed.version).toBe(1);
    expect(signed.encapContentInfo.eContentType).toBe(Oid.data);
    expect(bytesOf(signed.encapContentInfo.eContent!.getValue())).toEqual(CONTENT);
    const [info] = signed.signerInfos;
    expect(info!.signatureAlgorithm.algorithmId).toBe(Oid.rsaEncryption);
    expect(info!.signedAttrs!.attributes.map(({ type }) => type).sort()).toEqual(
      [Oid.contentType, Oid.messageDigest, Oid.signingTime, Oid.senderNonce].sort(),
    );
    expect(signed.certificates).toHaveLength(1);
  });

  it('verifies in PKI.js: ECDSA', async () => {
    const der = await encodeSignedData({ content: CONTENT, attributes, signer: signerOf(ec), digest: 'sha256' });
    const signed = new pkijs.SignedData({ schema: pkijsContent(der).content });
    expect(await signed.verify({ signer: 0, checkChain: false })).toBe(true);
  });

  it('has no eContent where there is no content', async () => {
    const der = await encodeSignedData({ attributes, signer: signerOf(rsa), digest: 'sha256' });
    expect(new pkijs.SignedData({ schema: pkijsContent(der).content }).encapContentInfo.eContent).toBeUndefined();
    const empty = { content: Buffer.alloc(0), attributes, signer: signerOf(rsa), digest: 'sha256' } as const;
    const signed = new pkijs.SignedData({ schema: pkijsContent(await encodeSignedData(empty)).content });
    expect(signed.encapContentInfo.eContent!.getValue().byteLength).toBe(0);
  });

  itWithOpenssl.each(DIGEST_NAMES)('verifies in OpenSSL: %s', async (digest) => {
    const der = await encodeSignedData({ content: CONTENT, attributes, signer: signerOf(rsa), digest });
    const certificate = pem('CERTIFICATE', rsa.certificate.der);
    const verify = 'cms -verify -binary -inform DER -in message -CAfile ca -no_check_time -purpose any -out out';
    expect(openssl({ message: der, ca: certificate }, verify.split(' '))).toEqual(CONTENT);
    der[der.length - 1]! ^= 1;
    expect(() => openssl({ message: der, ca: certificate }, verify.split(' '))).toThrow();
  });
});

describe('SignedData that others write', () => {
  it.each(['SHA-256', 'SHA-512'])('by PKI.js, %s', async (hash) => {
    const signed = new pkijs.SignedData({
      version: 1,
      encapContentInfo: new pkijs.EncapsulatedContentInfo({ eContentType: Oid.data }),
      signerInfos: [
        new pkijs.SignerInfo({
          version: 1,
          sid: new pkijs.IssuerAndSerialNumber({
            issuer: pkijs.Certificate.fromBER(new Uint8Array(rsa.certificate.der)).issuer,
            serialNumber: pkijs.Certificate.fromBER(new Uint8Array(rsa.certificate.der)).serialNumber,
          }),
        }),
      ],
      certificates: [pkijs.Certificate.fromBER(new Uint8Array(rsa.certificate.der))],
    });
    signed.encapContentInfo.eContent = new asn1js.OctetString({ valueHex: new Uint8Array(CONTENT).buffer });
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
    const key = await webcrypto.subtle.importKey('pkcs8', pkcs8(rsa.key), algorithm, true, ['sign']);
    await signed.sign(key, 0, hash);
    const content = new pkijs.ContentInfo({ contentType: Oid.signedData, content: signed.toSchema(true) });
    const der = bytesOf(content.toSchema().toBER());
    for (const bytes of [der, toIndefinite(der)]) {
      const read = readDerOrBer(bytes, readSignedData);
      expect(read).toMatchObject({ contentType: Oid.data, content: CONTENT, certificates: [rsa.certificate.der] });
      expect(identifies(read.signerInfos[0]!.signer, rsa.certificate)).toBe(true);
      expect(
        rsa.certificate.publicKey.verify(
          hash === 'SHA-256' ? 'sha256' : 'sha512',
          CONTENT,
          read.signerInfos[0]!.signature,
        ),
      ).toBe(true);
    }
  });

  itWithOpenssl.each([
    ['', 'issuerAndSerial'],
    ['-keyid', 'subjectKeyIdentifier'],
    ['-stream -nosmimecap', 'issuerAndSerial'],
  ])('by OpenSSL: cms -sign %s', (options, type) => {
    const files = { in: CONTENT, cert: pem('CERTIFICATE', rsa.certificate.der), key: keyPem(rsa.key) };
    const sign = 'cms -sign -binary -nodetach -in in -signer cert -inkey key -outform DER -out out';
    const der = openssl(files, [...sign.split(' '), ...options.split(' ').filter((option) => option !== '')]);
    const read = readDerOrBer(der, readSignedData);
    expect(read).toMatchObject({ contentType: Oid.data, content: CONTENT });
    const [info] = read.signerInfos;
    expect(info!.signer.type).toBe(type);
    const signedOctets = Buffer.from(info!.signedAttributes!.raw);
    signedOctets[0] = 0x31;
    expect(rsa.certificate.publicKey.verify('sha256', signedOctets, info!.signature)).toBe(true);
  });
});

describe('EnvelopedData that we write', () => {
  const oaep = (digest: DigestName): KeyTransport => ({ scheme: 'oaep', digest, mgfDigest: digest });

  it.each(['aes128', 'aes192', 'aes256'] as const)('opens in PKI.js: %s with OAEP', async (cipher) => {
    const recipient = rsa.certificate;
    const der = encodeEnvelopedData({ content: CONTENT, recipient, cipher, keyTransport: oaep('sha256') }, random);
    const enveloped = new pkijs.EnvelopedData({ schema: pkijsContent(der).content });
    expect(enveloped.version).toBe(0);
    const opened = await enveloped.decrypt(0, {
      recipientCertificate: pkijs.Certificate.fromBER(new Uint8Array(recipient.der)),
      recipientPrivateKey: new Uint8Array(pkcs8(rsa.key)).buffer,
    });
    expect(bytesOf(opened)).toEqual(CONTENT);
    expect(enveloped.encryptedContentInfo.encryptedContent!.idBlock.isConstructed).toBe(false);
  });

  const openSslCanDecrypt = CIPHER_NAMES.filter((cipher) => cipher !== 'des');
  itWithOpenssl.each(openSslCanDecrypt)('opens in OpenSSL: %s', (cipher: CipherName) => {
    const transports = [PKCS1_KEY_TRANSPORT, ...DIGEST_NAMES.map(oaep)];
    for (const keyTransport of transports) {
      const der = encodeEnvelopedData({ content: CONTENT, recipient: rsa.certificate, cipher, keyTransport }, random);
      const files = { message: der, cert: pem('CERTIFICATE', rsa.certificate.der), key: keyPem(rsa.key) };
      const decrypt = 'cms -decrypt -binary -inform DER -in message -recip cert -inkey key -out out';
      expect(openssl(files, decrypt.split(' '))).toEqual(CONTENT);
    }
  });

  it.each(CIPHER_NAMES)('opens with ours: %s', async (cipher) => {
    const contents = { content: CONTENT, recipient: rsa.certificate, cipher, keyTransport: PKCS1_KEY_TRANSPORT };
    expect(await openWithOurs(encodeEnvelopedData(contents, random), rsa)).toEqual(CONTENT);
  });
});

describe('EnvelopedData that others write', () => {
  it.each([128, 192, 256])('by PKI.js: AES-%d with OAEP', async (length) => {
    const enveloped = new pkijs.EnvelopedData({});
    const certificate = pkijs.Certificate.fromBER(new Uint8Array(rsa.certificate.der));
    enveloped.addRecipientByCertificate(certificate, { oaepHashAlgorithm: 'SHA-512' });
    await enveloped.encrypt({ name: 'AES-CBC', length }, new Uint8Array(CONTENT).buffer);
    const content = new pkijs.ContentInfo({ contentType: Oid.envelopedData, content: enveloped.toSchema() });
    const der = bytesOf(content.toSchema().toBER());
    // It writes indefinite lengths by itself.
    expect(der[1]).toBe(0x80);
    expect(await openWithOurs(der, rsa)).toEqual(CONTENT);
  });

  itWithOpenssl.each([
    '-aes128',
    '-aes256 -keyid',
    '-des3 -stream',
    '-aes192 -keyopt rsa_padding_mode:oaep',
    '-aes128 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha384',
    '-aes128 -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1',
  ])('by OpenSSL: cms -encrypt %s', async (options) => {
    const files = { in: CONTENT, cert: pem('CERTIFICATE', rsa.certificate.der) };
    const encrypt = 'cms -encrypt -binary -in in -outform DER -out out -recip cert';
    const der = openssl(files, [...encrypt.split(' '), ...options.split(' ')]);
    expect(await openWithOurs(der, rsa)).toEqual(CONTENT);
  });
});

describe('C-05: certificates only', () => {
  it('come in the order in which they were put (I-27), to PKI.js as to ourselves', () => {
    for (const certificates of [
      [rsa.certificate.der, ec.certificate.der],
      [ec.certificate.der, rsa.certificate.der],
    ]) {
      const der = certsOnly(certificates);
      const signed = new pkijs.SignedData({ schema: pkijsContent(der).content });
      expect(signed.certificates!.map((one) => bytesOf(one.toSchema().toBER()))).toEqual(certificates);
      expect(signed.signerInfos).toHaveLength(0);
      expect(signed.encapContentInfo.eContent).toBeUndefined();
      expect(readCertsOnly(der)).toEqual({ certificates, crls: [] });
      expect(readCertsOnly(toIndefinite(der))).toEqual({ certificates, crls: [] });
    }
  });

  it('may be a CRL (J-03)', () => {
    const crl = Buffer.from('30050403616263', 'hex');
    expect(readCertsOnly(certsOnly([], [crl]))).toEqual({ certificates: [], crls: [crl] });
    expect(() => readCertsOnly(certsOnly([]))).toThrow('there is none');
  });
});
