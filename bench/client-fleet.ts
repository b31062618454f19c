import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { CaCertificates } from '../src/client/ca-certificates';
import { encodeEnrolment, type EnrolmentMessage, type Identity } from '../src/client/enrolment-message';
import { SystemRandomSource } from '../src/common/random-source';
import { PrivateKey } from '../src/pki/cms/private-key';
import { Certificate } from '../src/pki/x509/certificate';
import { buildCertificate } from '../src/pki/x509/certificate-builder';
import { DistinguishedName } from '../src/pki/x509/distinguished-name';

/** A device that enrols: an end entity that REST has to know, and the message that it sends. */
export interface FleetMember {
  readonly username: string;
  readonly enrolmentCode: string;
  /** Which of the fleet's keys is its own. */
  readonly keyIndex: number;
}

const DAY = 86_400_000;
const random = new SystemRandomSource();

/** Devices with usernames that no other run has, sharing `keys` keys by turns. */
export function planFleet(size: number, keys: number): FleetMember[] {
  const run = randomBytes(5).toString('hex');
  return Array.from({ length: size }, (_, i) => ({
    username: `device-${run}-${i}`,
    enrolmentCode: randomBytes(12).toString('base64url'),
    keyIndex: i % keys,
  }));
}

/** Fresh RSA-2048 keys, each with a certificate that it signed itself, as clients that enrol make them. */
export async function generateIdentities(count: number): Promise<Identity[]> {
  const generate = promisify(generateKeyPair);
  const pairs = await Promise.all(Array.from({ length: count }, () => generate('rsa', { modulusLength: 2048 })));
  return Promise.all(pairs.map(({ privateKey }, i) => selfSigned(new PrivateKey(privateKey), `bench key ${i}`)));
}

async function selfSigned(key: PrivateKey, name: string): Promise<Identity> {
  const subject = DistinguishedName.parse(`CN=${name}`);
  const now = Date.now();
  const der = await buildCertificate({
    serialNumber: Buffer.concat([Buffer.of(1), random.bytes(15)]),
    issuer: subject,
    subject,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + DAY),
    spki: key.publicKey.spki,
    extensions: undefined,
    signer: key,
    digest: 'sha256',
  });
  return { certificate: Certificate.read(der), key };
}

/** The PKCSReq of one device: its own request and transactionID, SHA-256 and AES-128. */
export function encodeRequest(member: FleetMember, signer: Identity, ca: CaCertificates): Promise<EnrolmentMessage> {
  return encodeEnrolment(
    {
      messageType: 'PKCSReq',
      subject: DistinguishedName.parse(`CN=${member.username}`),
      key: signer.key,
      challengePassword: member.enrolmentCode,
      signer,
      transactionID: member.username,
      digest: 'sha256',
      cipher: 'aes128',
    },
    ca,
    new Date(),
    random,
  );
}
