import { SystemRandomSource } from '../../src/common/random-source';
import type { Identity } from '../../src/client/enrolment-message';
import type { CipherName } from '../../src/pki/cms/content-cipher';
import { type KeyTransport, PKCS1_KEY_TRANSPORT } from '../../src/pki/cms/key-transport';
import type { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { buildCertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { extensions, keyUsage, type KeyUsageBit } from '../../src/pki/x509/extension';
import { type CertRepMessage, decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import type { RequestMessageType } from '../../src/scep/message/message-type';
import { encodePkiMessage } from '../../src/scep/message/pki-message.encoder';
import type { EnrolmentScene } from './enrolment-scene';

const random = new SystemRandomSource();

/** A certificate that a key signs for itself; no keyUsage unless it is given. */
export async function selfSigned(key: PrivateKey, subject: string, usage?: readonly KeyUsageBit[]): Promise<Identity> {
  const name = DistinguishedName.parse(subject);
  const der = await buildCertificate({
    serialNumber: Buffer.concat([Buffer.of(1), random.bytes(7)]),
    issuer: name,
    subject: name,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    spki: key.publicKey.spki,
    extensions: usage && extensions([keyUsage(usage)]),
    signer: key,
    digest: 'sha256',
  });
  return { certificate: Certificate.read(der), key };
}

/** What a message asks for, without any check that its answer could be read. */
export interface PlainRequest {
  readonly subject: string;
  /** The key to certify. */
  readonly key: PrivateKey;
  readonly challengePassword?: string | undefined;
  /** Who signs the message; by default a certificate without extensions, by the key itself. */
  readonly signer?: Identity;
  readonly messageType?: RequestMessageType;
  /** Instead of a PKCS #10 request. */
  readonly content?: Buffer;
  readonly transactionID?: string;
  readonly cipher?: CipherName;
  readonly keyTransport?: KeyTransport;
}

/** Sends such a message and decodes the answer, which is not opened. */
export async function sendPlain(scene: EnrolmentScene, asked: PlainRequest, alias = 'scep'): Promise<CertRepMessage> {
  const { key, challengePassword } = asked;
  const subject = DistinguishedName.parse(asked.subject);
  const request = { subject, signer: key, challengePassword, digest: 'sha256' } as const;
  const bytes = await encodePkiMessage(
    {
      messageType: asked.messageType ?? 'PKCSReq',
      transactionID: asked.transactionID ?? random.bytes(8).toString('hex'),
      senderNonce: random.bytes(16),
      signingTime: scene.clock.now(),
      content: asked.content ?? (await buildCertificationRequest(request)),
      recipient: (await scene.ca(alias)).recipient,
      signer: asked.signer ?? (await selfSigned(key, asked.subject)),
      digest: 'sha256',
      cipher: asked.cipher ?? 'aes128',
      keyTransport: asked.keyTransport ?? PKCS1_KEY_TRANSPORT,
    },
    random,
  );
  const { status, body } = await scene.post(bytes, alias);
  if (status !== 200) throw new Error(`HTTP ${status}`);
  return decodeCertRep(body);
}
