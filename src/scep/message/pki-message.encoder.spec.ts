import * as pkijs from 'pkijs';
import { forgeIdentity, type ForgedIdentity } from '../../../test/support/forged-message';
import { itWithOpenssl, openssl } from '../../../test/support/openssl';
import { SequenceRandom } from '../../../test/support/sequence-random';
import { PKCS1_KEY_TRANSPORT } from '../../pki/cms/key-transport';
import { PrivateKey } from '../../pki/cms/private-key';
import { DerError } from '../../pki/der/der-error';
import { Oid } from '../../pki/x509/oid';
import { pem } from '../../pki/x509/pem';
import { MESSAGE_TYPE_NUMBERS } from './message-type';
import { decodePkiMessage } from './pki-message.decoder';
import { encodePkiMessage, type PkiRequest } from './pki-message.encoder';

const CONTENT = Buffer.from('3003020105', 'hex');
const NOW = new Date('2026-11-21T12:00:00Z');

let ca: ForgedIdentity;
let client: ForgedIdentity;
beforeAll(async () => {
  ca = await forgeIdentity('CN=Encoder CA', 'rsa', true);
  client = await forgeIdentity('CN=client');
});

const encode = (change: Partial<PkiRequest> = {}): Promise<Buffer> =>
  encodePkiMessage(
    {
      messageType: 'PKCSReq',
      transactionID: 'a+b/c= 1',
      senderNonce: Buffer.alloc(16, 9),
      signingTime: NOW,
      content: CONTENT,
      recipient: ca.certificate,
      signer: {
        certificate: client.certificate,
        key: PrivateKey.fromPkcs8(client.key.export({ format: 'der', type: 'pkcs8' })),
      },
      digest: 'sha256',
      cipher: 'aes128',
      keyTransport: PKCS1_KEY_TRANSPORT,
      ...change,
    },
    new SequenceRandom('encoder'),
  );

describe('encodePkiMessage', () => {
  it.each(['RenewalReq', 'PKCSReq', 'CertPoll', 'GetCert', 'GetCRL'] as const)('writes %s', async (messageType) => {
    const der = await encode({ messageType });
    expect(decodePkiMessage(der)).toMatchObject({
      messageType,
      messageTypeText: String(MESSAGE_TYPE_NUMBERS[messageType]),
      transactionID: 'a+b/c= 1',
      senderNonce: Buffer.alloc(16, 9),
      signingTime: NOW,
      defects: [],
    });
  });

  it('E-04: is verified by PKI.js and has the required attributes', async () => {
    const signed = new pkijs.SignedData({
      schema: pkijs.ContentInfo.fromBER(new Uint8Array(await encode())).content,
    });
    expect(await signed.verify({ signer: 0, checkChain: false })).toBe(true);
    const types = signed.signerInfos[0]!.signedAttrs!.attributes.map(({ type }) => type);
    expect(types.sort()).toEqual(
      [Oid.contentType, Oid.messageDigest, Oid.signingTime, Oid.messageType, Oid.senderNonce, Oid.transactionID].sort(),
    );
  });

  itWithOpenssl('is verified and opened by OpenSSL', async () => {
    const verify = 'cms -verify -noverify -binary -inform DER -in m -out out'.split(' ');
    const envelope = openssl({ m: await encode() }, verify);
    const files = {
      m: envelope,
      cert: pem('CERTIFICATE', ca.certificate.der),
      key: ca.key.export({ format: 'pem', type: 'pkcs8' }),
    };
    expect(openssl(files, 'cms -decrypt -binary -inform DER -in m -recip cert -inkey key -out out'.split(' '))).toEqual(
      CONTENT,
    );
  });

  it('throws for a transactionID that no PrintableString can hold', async () => {
    await expect(encode({ transactionID: 'ümlaut' })).rejects.toThrow(DerError);
  });
});
