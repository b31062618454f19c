import { loadVectors, parseVector } from '../../../test/support/vectors';
import { PrivateKey } from '../../pki/cms/private-key';
import { readDerOrBer } from '../../pki/cms/content-info';
import { Certificate } from '../../pki/x509/certificate';
import { CertificationRequest } from '../../pki/x509/certification-request';
import { openEnvelope } from './pkcs-pki-envelope.opener';
import { checkPkiMessage, decodePkiMessage } from './pki-message.decoder';

const vectors = loadVectors();

describe('recorded requests of real clients', () => {
  it('are all there', () => {
    expect(vectors.filter(({ expect: expected }) => expected === 'opened')).toHaveLength(38);
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const message = decodePkiMessage(vector.bytes);
    checkPkiMessage(message);
    expect(message).toMatchObject({
      messageType: vector.messageType,
      transactionID: vector.transactionID,
      senderNonce: vector.senderNonce,
      digest: vector.digest,
      signingTime: vector.now,
    });

    const recipient = {
      certificate: Certificate.read(vector.recipient.certificate),
      key: PrivateKey.fromPkcs8(vector.recipient.privateKey),
    };
    const opened = await openEnvelope(message.envelope, [recipient]);
    expect(opened).toMatchObject({ recipient, cipher: vector.cipher, keyTransport: { scheme: 'pkcs1' } });

    if (vector.messageType === 'PKCSReq' || vector.messageType === 'RenewalReq') {
      const request = readDerOrBer(opened.content, (der) => CertificationRequest.read(der));
      expect(request.challengePassword).toBe(vector.challengePassword);
      expect(request.verify()).toBe(true);
    }
  });

  it('have targets whose message is the body, once decoded', () => {
    for (const { name, target, bytes } of vectors) {
      if (target === undefined) continue;
      const message = /message=([^&]*)/.exec(target)![1]!;
      // `decodeURIComponent` leaves `+` alone; Buffer takes both base64 alphabets and skips line breaks.
      expect([name, Buffer.from(decodeURIComponent(message), 'base64').equals(bytes)]).toEqual([name, true]);
    }
  });
});

describe('the vector loader', () => {
  const text = 'expect: opened\n\nAAAA\n';
  it('refuses headers that are unknown, doubled or missing', () => {
    expect(() => parseVector('x', `colour: red\n${text}`)).toThrow('unknown header colour: red');
    expect(() => parseVector('x', `expect: opened\n${text}`)).toThrow('header expect occurs twice');
    expect(() => parseVector('x', text)).toThrow('header operation is missing');
  });
});
