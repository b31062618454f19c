import { derElements, type DerElement } from '../../../test/support/der-mutation';
import { forgeIdentity, forgeMessage, type ForgedIdentity, tlv } from '../../../test/support/forged-message';
import { loadVector } from '../../../test/support/vectors';
import { ServiceError } from '../../common/service-error';
import { PrivateKey } from '../../pki/cms/private-key';
import { DerError } from '../../pki/der/der-error';
import { Certificate } from '../../pki/x509/certificate';
import { CertificationRequest } from '../../pki/x509/certification-request';
import { openEnvelope } from './pkcs-pki-envelope.opener';
import { decodePkiMessage } from './pki-message.decoder';

/*
 * Every element of each layer of a recorded message, one after the other, is emptied, swollen, doubled, or made of
 * something that has no end. Whatever comes of it, it is one of the codec's two errors or a message with a defect, unless
 * the element says nothing that anybody looks at.
 */
const vector = loadVector('sscep/0.10.0-enrol');
const nested = Array.from({ length: 2000 }).reduce<Buffer>((inner) => tlv(0x30, inner), Buffer.alloc(0));

const MUTATIONS: Readonly<Record<string, (element: DerElement) => Buffer>> = {
  'nothing in it': ({ tag }) => tlv(tag),
  'nothing in its place': () => Buffer.alloc(0),
  'the same twice': ({ tag, content }) => Buffer.concat([tlv(tag, content), tlv(tag, content)]),
  '60,000 octets': ({ tag }) => tlv(tag, Buffer.alloc(60_000, 0x7f)),
  'a giant INTEGER': () => tlv(0x02, Buffer.alloc(60_000, 0x7f)),
  '2000 levels': () => nested,
  'a SEQUENCE without content': () => tlv(0x30),
  'a length of 4 GiB': ({ tag }) => Buffer.from([tag, 0x84, 0xff, 0xff, 0xff, 0xff]),
  'a length of 127 octets': ({ tag }) => Buffer.concat([Buffer.of(tag, 0xff), Buffer.alloc(127, 0xff)]),
  'no end': ({ tag, content }) => Buffer.concat([Buffer.of(tag, 0x80), content]),
  NUL: ({ tag }) => tlv(tag, Buffer.of(0)),
};
const CASES = Object.entries(MUTATIONS);

const recipient = {
  certificate: Certificate.read(vector.recipient.certificate),
  key: PrivateKey.fromPkcs8(vector.recipient.privateKey),
};
const message = decodePkiMessage(vector.bytes);

/** What became of a mutation: the error's kind, or the value. */
function outcomeOf<T>(work: () => T): T | 'DerError' {
  try {
    return work();
  } catch (error) {
    if (error instanceof DerError) return 'DerError';
    throw error;
  }
}

describe.each(CASES)('with %s', (_, mutate) => {
  it('in the place of any element of a pkiMessage', () => {
    const passed = derElements(vector.bytes).filter((element) => {
      const mutated = outcomeOf(() => decodePkiMessage(element.replaced(mutate(element))));
      if (mutated === 'DerError' || mutated.defects.length > 0) return false;
      // What nobody looks at may say anything, as long as all else is what was signed.
      expect([mutated.transactionID, mutated.messageType]).toEqual([message.transactionID, message.messageType]);
      expect(mutated.envelope).toEqual(message.envelope);
      expect(mutated.signer.publicKey.equals(message.signer.publicKey)).toBe(true);
      return true;
    });
    expect(passed.length).toBeLessThan(derElements(vector.bytes).length / 3);
  });

  it('in the place of any element of an envelope', async () => {
    for (const element of derElements(message.envelope!)) {
      try {
        const { content } = await openEnvelope(element.replaced(mutate(element)), [recipient]);
        expect(CertificationRequest.read(content).challengePassword).toBe(vector.challengePassword);
      } catch (error) {
        if (!(error instanceof DerError)) expect(error).toBeInstanceOf(ServiceError);
      }
    }
  });

  it('in the place of any element of a request', async () => {
    const { content } = await openEnvelope(message.envelope!, [recipient]);
    for (const element of derElements(content)) {
      const verified = outcomeOf(() => {
        const mutated = element.replaced(mutate(element));
        return mutated.equals(content) ? 'unchanged' : CertificationRequest.read(mutated).verify();
      });
      // The NULL beside the signature's algorithm is not signed.
      if (!element.path.startsWith('30.0/30.1/')) expect([element.path, verified]).not.toEqual([element.path, true]);
    }
  });
});

describe('the signature covers', () => {
  let signer: ForgedIdentity;

  beforeAll(async () => {
    signer = await forgeIdentity('CN=signer');
  });

  it('the attributes and not the content: stripped of them, it is no message (draft-ietf-lamps-cms-euf-cma-signeddata)', () => {
    let attributes: Buffer = Buffer.alloc(0);
    forgeMessage({
      signer,
      attributes: (all) => {
        const list = Object.values(all).sort((a, b) => a.compare(b));
        attributes = tlv(0x31, ...list);
        return list;
      },
    });
    // The signature of a message that was sent, as one of content: the octets that it is over become the content.
    const stripped = forgeMessage({ signer, content: attributes, withoutSignedAttributes: true });
    expect(() => decodePkiMessage(stripped)).toThrow('no signed attributes');
  });
});
