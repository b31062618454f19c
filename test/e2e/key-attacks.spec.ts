import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import type { CertificationRequest } from '../../src/pki/x509/certification-request';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { withElement } from '../support/der-mutation';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import {
  type ForgedIdentity,
  forgeIdentity,
  forgeMessage,
  type ForgedParts,
  OIDS,
  printable,
  tlv,
} from '../support/forged-message';
import { challengeOf, nameOf, REQUEST_OIDS } from '../support/forged-request';
import { knownAuthority, verdictOn } from '../support/renewal';

/* Keys that are none, that keep a processor busy, or that are somebody else's. */
const SECRET = 'secret';

let scene: EnrolmentScene;
let signer: ForgedIdentity;
let key: PrivateKey;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
  signer = await forgeIdentity('CN=attacker');
  key = new PrivateKey(signer.key);
});

afterAll(() => scene.close());

async function user(more: object = {}): Promise<string> {
  const username = `device-${(users += 1)}`;
  await scene.register(username, SECRET, more);
  return username;
}

const answer = async (bytes: Buffer) => decodeCertRep((await scene.post(bytes)).body);

/** A message of a fresh end entity, with these parts otherwise than they should be. */
async function forged(parts: Partial<ForgedParts> = {}): Promise<Buffer> {
  const { bytes } = await scene.message(`CN=${await user()}`, SECRET, { key });
  return forgeMessage({ signer, content: decodePkiMessage(bytes).envelope!, ...parts });
}

describe('keys', () => {
  const EXPONENT = '010001';
  const modulusOf = (bits: number): Buffer => {
    const modulus = randomBytes(bits / 8);
    modulus[0] = modulus[0]! | 0x80;
    modulus[modulus.length - 1] = modulus.at(-1)! | 1;
    return modulus;
  };
  const spkiOf = (modulus: Buffer, exponent: string): Buffer => {
    const unsigned = Buffer.concat([Buffer.of(0), modulus]);
    const rsa = tlv(0x30, tlv(2, unsigned), tlv(2, Buffer.from(exponent, 'hex')));
    return tlv(0x30, tlv(0x30, OIDS.rsaEncryption, Buffer.of(5, 0)), tlv(3, Buffer.of(0), rsa));
  };
  const even = modulusOf(2048);
  even[even.length - 1] = even.at(-1)! & 0xfe;
  const ODD: [string, Buffer][] = [
    ['exponent 1', spkiOf(modulusOf(2048), '01')],
    ['an even exponent', spkiOf(modulusOf(2048), '010000')],
    ['an exponent as long as the modulus', spkiOf(modulusOf(2048), `7f${'ff'.repeat(255)}`)],
    ['an exponent of 0', spkiOf(modulusOf(2048), '00')],
    ['a negative exponent', spkiOf(modulusOf(2048), 'ff')],
    ['an even modulus', spkiOf(even, EXPONENT)],
    ['a modulus of 16384 bits', spkiOf(modulusOf(16384), EXPONENT)],
    ['a modulus of 100 kB', spkiOf(modulusOf(800_000), EXPONENT)],
    ['a modulus of 8 bits', spkiOf(modulusOf(8), EXPONENT)],
    ['a modulus of 0', spkiOf(Buffer.of(0), EXPONENT)],
    ['no parts', tlv(0x30, tlv(0x30, OIDS.rsaEncryption, Buffer.of(5, 0)), tlv(3, Buffer.of(0), tlv(0x30)))],
  ];

  /** The signer's certificate with another key in it. */
  const certificateWith = (spki: Buffer): Buffer => withElement(signer.certificate.der, signer.certificate.spki, spki);

  it.each(ODD)('a signer with %s is refused', async (_, spki) => {
    const { outcome } = await answer(await forged({ certificates: [certificateWith(spki)] }));
    expect(outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect(await verdictOn(scene)).toBe('message.signer-key');
  });

  /** A request that the attacker signed, for whatever key. */
  async function requestFor(spki: Buffer): Promise<string> {
    const subject = nameOf([REQUEST_OIDS.commonName, printable(await user())]);
    const info = tlv(0x30, Buffer.of(2, 1, 0), subject, spki, tlv(0xa0, challengeOf(printable(SECRET))));
    const signature = tlv(3, Buffer.of(0), sign('sha256', info, signer.key));
    const der = tlv(0x30, info, tlv(0x30, OIDS.sha256WithRSA, Buffer.of(5, 0)), signature);
    const { bytes } = await scene.message('CN=whoever', SECRET, { key, request: { der } as CertificationRequest });
    expect((await answer(bytes)).outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badMessageCheck' });
    return verdictOn(scene);
  }

  it.each(ODD)('a request for a key with %s is refused', async (_, spki) => {
    expect(await requestFor(spki)).toBe('request.key');
  });

  it('a request for the key of the CA, which GetCACert shows to everybody, is refused', async () => {
    const { certificates } = await scene.ca();
    expect(await requestFor(certificates[0]!.spki)).toBe('request.signer-key');
  });

  it('and even one who has that key gets no certificate for it', async () => {
    const ca = await knownAuthority(scene, 'Known');
    await scene.createAlias('known', { authorities: ['Known'] });
    const username = await user({ authority: 'Known' });
    const reply = await scene.enrol(`CN=${username}`, SECRET, { key: ca.key }, 'known');
    expect(reply).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect(await verdictOn(scene)).toBe('request.authority-key');
  });

  it('one of 512 bits is too small to sign a message', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 512 });
    const spki = small.publicKey.export({ format: 'der', type: 'spki' });
    const certificate = Certificate.read(certificateWith(spki));
    // A digest of 32 octets is all that its signature has room for.
    const { outcome } = await answer(await forged({ signer: { key: small.privateKey, certificate } }));
    expect(outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badAlg' });
    expect(await verdictOn(scene)).toBe('algorithms.accept.minimumRsaBits');
  });
});
