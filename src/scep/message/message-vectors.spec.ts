import { loadVectors, type MessageVector, parseVector } from '../../../test/support/vectors';
import { ServiceError } from '../../common/service-error';
import { PrivateKey } from '../../pki/cms/private-key';
import { readDerOrBer } from '../../pki/cms/content-info';
import { DerError } from '../../pki/der/der-error';
import { Certificate } from '../../pki/x509/certificate';
import { CertificationRequest } from '../../pki/x509/certification-request';
import { type EnvelopeRecipient, openEnvelope } from './pkcs-pki-envelope.opener';
import { checkPkiMessage, decodePkiMessage } from './pki-message.decoder';

const vectors = loadVectors();

const recipientOf = ({ recipient }: MessageVector): EnvelopeRecipient => ({
  certificate: Certificate.read(recipient.certificate),
  key: PrivateKey.fromPkcs8(recipient.privateKey),
});

/** What the codec makes of a vector, in the words of its header. */
async function verdictOn(vector: MessageVector): Promise<string> {
  try {
    const message = decodePkiMessage(vector.bytes);
    checkPkiMessage(message);
    const { content } = await openEnvelope(message.envelope, [recipientOf(vector)]);
    if (vector.messageType !== 'PKCSReq' && vector.messageType !== 'RenewalReq') return 'opened';
    return readRequest(content).verify() ? 'opened' : 'refused bad-proof-of-possession';
  } catch (error) {
    if (error instanceof DerError) return 'no-message';
    if (error instanceof ServiceError) return `refused ${error.code}`;
    throw error;
  }
}

const readRequest = (content: Buffer): CertificationRequest =>
  readDerOrBer(content, (der) => CertificationRequest.read(der));

describe('recorded messages', () => {
  it('are all there', () => {
    const counts = new Map<string, number>();
    for (const { expect: expected } of vectors) counts.set(expected, (counts.get(expected) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      opened: 45,
      'refused algorithm-not-allowed': 1,
      'refused bad-proof-of-possession': 1,
      'refused bad-signature': 1,
      'refused malformed-message': 1,
      'refused message-type-not-supported': 1,
      'no-message': 1,
    });
  });

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    expect(await verdictOn(vector)).toBe(vector.expect);
    if (vector.expect !== 'opened') return;
    const message = decodePkiMessage(vector.bytes);
    expect(message).toMatchObject({
      messageType: vector.messageType,
      transactionID: vector.transactionID,
      senderNonce: vector.senderNonce,
      digest: vector.digest,
      signingTime: vector.now,
    });
    const recipient = recipientOf(vector);
    const opened = await openEnvelope(message.envelope!, [recipient]);
    expect(opened).toMatchObject({ recipient, cipher: vector.cipher, keyTransport: { scheme: 'pkcs1' } });
    if (vector.messageType === 'PKCSReq' || vector.messageType === 'RenewalReq')
      expect(readRequest(opened.content).challengePassword).toBe(vector.challengePassword);
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
