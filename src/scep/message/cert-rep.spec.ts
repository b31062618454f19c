import * as pkijs from 'pkijs';
import { forgeIdentity, type ForgedIdentity } from '../../../test/support/forged-message';
import { toIndefinite } from '../../../test/support/indefinite-length';
import { itWithOpenssl, openssl } from '../../../test/support/openssl';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { loadVector } from '../../../test/support/vectors';
import type { CipherName } from '../../pki/cms/content-cipher';
import { certsOnly } from '../../pki/cms/degenerate';
import { readEnvelopedData } from '../../pki/cms/enveloped-data';
import { PKCS1_KEY_TRANSPORT } from '../../pki/cms/key-transport';
import { PrivateKey } from '../../pki/cms/private-key';
import { readSignedData } from '../../pki/cms/signed-data';
import { DerError } from '../../pki/der/der-error';
import { octetString, oid, printableString, setOf, time, utf8String } from '../../pki/der/der-writer';
import { digest, DIGEST_NAMES } from '../../pki/x509/digest-name';
import { Oid } from '../../pki/x509/oid';
import { pem } from '../../pki/x509/pem';
import { checkCertRep, decodeCertRep, openCertRep } from './cert-rep.decoder';
import { type CertRep, type CertRepStatus, encodeCertRep } from './cert-rep.encoder';
import { FAIL_INFO_NUMBERS } from './fail-info';

const NOW = new Date('2026-11-21T12:00:00Z');
const NONCE = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const random = new SequenceRandom('cert-rep');

let ca: ForgedIdentity;
let client: ForgedIdentity;
let issued: Buffer;

beforeAll(async () => {
  ca = await forgeIdentity('CN=Reply CA', 'rsa', true);
  client = await forgeIdentity('CN=client');
  issued = (await forgeIdentity('CN=zzz last in a sorted set')).certificate.der;
});

const keyOf = ({ key }: ForgedIdentity): PrivateKey =>
  PrivateKey.fromPkcs8(key.export({ format: 'der', type: 'pkcs8' }));

function reply(status: CertRepStatus, change: Partial<CertRep> = {}): Promise<Buffer> {
  return encodeCertRep({
    request: { transactionIDValue: printableString('SSCEP transactionId'), senderNonce: NONCE },
    status,
    signer: { certificate: ca.certificate, key: keyOf(ca) },
    digest: 'sha256',
    senderNonce: Buffer.alloc(16, 0x77),
    signingTime: NOW,
    emptyContent: 'absent',
    random,
    ...change,
  });
}

const success = (cipher: CipherName = 'aes128'): CertRepStatus => ({
  pkiStatus: 'SUCCESS',
  certificates: [issued, ca.certificate.der],
  protection: { kind: 'keyTransport', recipient: client.certificate, keyTransport: PKCS1_KEY_TRANSPORT },
  cipher,
});
const FAILURE: CertRepStatus = { pkiStatus: 'FAILURE', failInfo: 'badRequest', failInfoText: 'Größe' };
const PENDING: CertRepStatus = { pkiStatus: 'PENDING' };

/** The signed attributes as PKI.js sees them: DER of the value by type. */
function attributesInPkijs(der: Buffer): Map<string, Buffer> {
  const signed = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(new Uint8Array(der)).content });
  const list = signed.signerInfos[0]!.signedAttrs!.attributes;
  expect(list.map(({ values }) => values.length)).toEqual(list.map(() => 1));
  const values = list.map(({ type, values: [value] }) => [type, encoded(value as Encodable)] as const);
  expect(new Set(list.map(({ type }) => type)).size).toBe(list.length);
  return new Map(values);
}

interface Encodable {
  toBER(): ArrayBuffer;
}
const encoded = (value: Encodable): Buffer => Buffer.from(value.toBER());

describe('encodeCertRep', () => {
  it('E-02, G-12, H-01, H-02, I-26, K-04, N-08: SUCCESS holds the issued certificate first, to be opened by the signer of the request alone', async () => {
    const der = await reply(success());
    const envelope = readEnvelopedData(readSignedData(der).content!);
    expect(envelope.recipients).toHaveLength(1);
    expect(envelope.recipients[0]!.recipient).toEqual({
      type: 'issuerAndSerial',
      issuer: client.certificate.issuer.raw,
      serialNumber: client.certificate.serialNumber,
    });
    const decoded = decodeCertRep(der);
    const opened = await openCertRep(decoded, { certificate: client.certificate, key: keyOf(client) });
    expect(opened.map((certificate) => certificate.der)).toEqual([issued, ca.certificate.der]);
    await expect(openCertRep(decoded, { certificate: ca.certificate, key: keyOf(ca) })).rejects.toMatchObject({
      code: 'envelope-unreadable',
    });
  });

  it('E-05, I-19, I-21: carries the attributes as their types, read by PKI.js', async () => {
    const common = {
      [Oid.messageType]: printableString('3'),
      [Oid.transactionID]: printableString('SSCEP transactionId'),
      [Oid.senderNonce]: octetString(Buffer.alloc(16, 0x77)),
      [Oid.recipientNonce]: octetString(NONCE),
      [Oid.contentType]: oid(Oid.data),
      [Oid.signingTime]: time(NOW),
    };
    const failInfo = { [Oid.failInfo]: printableString('2'), [Oid.failInfoText]: utf8String('Größe') };
    for (const [status, own] of [
      [success(), { [Oid.pkiStatus]: printableString('0') }],
      [FAILURE, { [Oid.pkiStatus]: printableString('2'), ...failInfo }],
      [PENDING, { [Oid.pkiStatus]: printableString('3') }],
    ] as const) {
      const der = await reply(status);
      const messageDigest = octetString(digest('sha256', readSignedData(der).content ?? Buffer.alloc(0)));
      const wanted = { ...common, ...own, [Oid.messageDigest]: messageDigest };
      expect(Object.fromEntries(attributesInPkijs(der))).toEqual(wanted);
    }
  });

  it('writes the signed attributes in DER order and the transactionID octet for octet as it came', async () => {
    const strange = octetString(Buffer.from('not even a string'));
    const request = { transactionIDValue: strange, senderNonce: NONCE };
    const { raw, list } = readSignedData(await reply(PENDING, { request })).signerInfos[0]!.signedAttributes!;
    const elements = list.map(({ values: [value] }) => value!.raw);
    expect(elements).toContainEqual(strange);
    const parts = [...setParts(raw)];
    expect(setOf(parts, 0xa0)).toEqual(raw);
  });

  it('F-03: returns no nonce where there was none, and one of any length', async () => {
    const transactionIDValue = printableString('1');
    const without = decodeCertRep(await reply(PENDING, { request: { transactionIDValue, senderNonce: undefined } }));
    expect(without.recipientNonce).toBeUndefined();
    const senderNonce = Buffer.alloc(8, 1);
    const short = decodeCertRep(await reply(PENDING, { request: { transactionIDValue, senderNonce } }));
    expect(short.recipientNonce).toEqual(senderNonce);
  });

  it.each(['FAILURE', 'PENDING'] as const)(
    'E-09, H-03, H-04, H-05: %s has no content, or an empty one',
    async (pkiStatus) => {
      const status = pkiStatus === 'FAILURE' ? FAILURE : PENDING;
      expect(readSignedData(await reply(status)).content).toBeUndefined();
      expect(readSignedData(await reply(status, { emptyContent: 'emptyOctetString' })).content).toEqual(
        Buffer.alloc(0),
      );
      for (const emptyContent of ['absent', 'emptyOctetString'] as const) {
        const decoded = decodeCertRep(await reply(status, { emptyContent }));
        expect(decoded).toMatchObject({ outcome: { pkiStatus }, envelope: undefined, defects: [] });
      }
    },
  );

  it('N-21: encrypts to a certificate whatever its key usage says; a key that cannot encrypt is an error', async () => {
    const curve = await forgeIdentity('CN=curve', 'ec');
    const protection = {
      kind: 'keyTransport',
      recipient: curve.certificate,
      keyTransport: PKCS1_KEY_TRANSPORT,
    } as const;
    await expect(reply({ ...success(), protection } as CertRepStatus)).rejects.toThrow(DerError);
  });

  itWithOpenssl.each(['3des', 'aes128', 'aes192', 'aes256'] as const)('opens in OpenSSL: %s', async (cipher) => {
    for (const name of DIGEST_NAMES) {
      const der = await reply(success(cipher), { digest: name });
      const verify = 'cms -verify -binary -inform DER -in m -CAfile ca -no_check_time -purpose any -out out'.split(' ');
      const content = openssl({ m: der, ca: pem('CERTIFICATE', ca.certificate.der) }, verify);
      const files = {
        m: content,
        cert: pem('CERTIFICATE', client.certificate.der),
        key: client.key.export({ format: 'pem', type: 'pkcs8' }),
      };
      const decrypt = 'cms -decrypt -binary -inform DER -in m -recip cert -inkey key -out out'.split(' ');
      expect(openssl(files, decrypt)).toEqual(certsOnly([issued, ca.certificate.der]));
    }
  });
});

/** The elements inside a constructed element. */
function* setParts(raw: Buffer): Generator<Buffer> {
  const header = raw[1]! < 0x80 ? 2 : 2 + (raw[1]! & 0x7f);
  for (let at = header; at < raw.length;) {
    const first = raw[at + 1]!;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    const length = 2 + octets + (octets === 0 ? first : raw.readUIntBE(at + 2, octets));
    yield raw.subarray(at, at + length);
    at += length;
  }
}

describe('decodeCertRep and checkCertRep', () => {
  const expected = () => ({
    transactionID: 'SSCEP transactionId',
    senderNonce: NONCE,
    signers: [client.certificate, ca.certificate],
  });

  it('passes the answer to our message, in DER and in BER', async () => {
    const der = await reply(FAILURE);
    for (const bytes of [der, toIndefinite(der)]) {
      const decoded = decodeCertRep(bytes);
      expect(decoded.outcome).toEqual(FAILURE);
      expect(decoded.signingTime).toEqual(NOW);
      expect(() => {
        checkCertRep(decoded, expected());
      }).not.toThrow();
    }
  });

  it.each(Object.keys(FAIL_INFO_NUMBERS) as (keyof typeof FAIL_INFO_NUMBERS)[])(
    'reads failInfo %s',
    async (failInfo) => {
      const decoded = decodeCertRep(await reply({ pkiStatus: 'FAILURE', failInfo }));
      expect(decoded.outcome).toEqual({ pkiStatus: 'FAILURE', failInfo, failInfoText: undefined });
    },
  );

  it('refuses another signer, transactionID or nonce, and a wrong signature', async () => {
    const der = await reply(PENDING);
    const decoded = decodeCertRep(der);
    const refusal = (change: object) => () => {
      checkCertRep(decoded, { ...expected(), ...change });
    };
    expect(refusal({ signers: [client.certificate] })).toThrow('not signed by a certificate of this CA or RA');
    expect(refusal({ transactionID: 'sscep transactionid' })).toThrow('another transactionID');
    expect(refusal({ senderNonce: Buffer.alloc(16) })).toThrow('does not return the nonce');
    der[der.length - 1]! ^= 1;
    expect(() => {
      checkCertRep(decodeCertRep(der), expected());
    }).toThrow('bad-signature');
  });

  it('E-11: throws for a request, and for numbers that are no pkiStatus or failInfo', async () => {
    expect(() => decodeCertRep(loadVector('sscep/0.10.0-enrol').bytes)).toThrow('no CertRep');
    const [pending, failure] = [await reply(PENDING), await reply(FAILURE)];
    const changed = (der: Buffer, oid: string, value: string): Buffer => {
      const copy = Buffer.from(der);
      const at = copy.indexOf(Buffer.from(oid, 'hex')) + oid.length / 2;
      // SET, length, PrintableString, length, digit
      copy.write(value, at + 4, 'latin1');
      return copy;
    };
    expect(() => decodeCertRep(changed(pending, '6086480186f845010903', '1'))).toThrow('pkiStatus');
    expect(() => decodeCertRep(changed(failure, '6086480186f845010904', '5'))).toThrow('failInfo');
  });
});
