import type { RandomSource } from '../common/random-source';
import type { CipherName } from '../pki/cms/content-cipher';
import { type KeyTransport, PKCS1_KEY_TRANSPORT } from '../pki/cms/key-transport';
import type { PrivateKey } from '../pki/cms/private-key';
import { DerError } from '../pki/der/der-error';
import { Certificate } from '../pki/x509/certificate';
import { buildCertificate } from '../pki/x509/certificate-builder';
import { buildCertificationRequest, type CertificationRequest } from '../pki/x509/certification-request';
import { digest as digestOf, type DigestName } from '../pki/x509/digest-name';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import { type Extension, extensions, keyUsage, type KeyUsageBit } from '../pki/x509/extension';
import type { PublicKey } from '../pki/x509/public-key';
import { checkCertRep, decodeCertRep, openCertRep } from '../scep/message/cert-rep.decoder';
import type { FailInfo } from '../scep/message/fail-info';
import { issuerAndSubject } from '../scep/message/issuer-and-subject';
import type { RequestMessageType } from '../scep/message/message-type';
import { encodePkiMessage } from '../scep/message/pki-message.encoder';
import type { CaCertificates } from './ca-certificates';
import { ScepClientError } from './scep-client-error';

/** A certificate and its private key. */
export interface Identity {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

/** What a client asks for. */
export interface Enrolment {
  readonly messageType: Extract<RequestMessageType, 'PKCSReq' | 'RenewalReq'>;
  readonly subject: DistinguishedName;
  /** The key to certify. */
  readonly key: PrivateKey;
  /** It also opens the answer where the key that signs the message cannot decrypt (RFC 8894 section 3.1). */
  readonly challengePassword?: string | undefined;
  /** Extensions to ask for. */
  readonly extensions?: readonly Extension[] | undefined;
  /** A request that was made beforehand for `subject` and `key`: it is sent as it is, without the two fields above. */
  readonly request?: CertificationRequest | undefined;
  /** Who signs the message: the certificate that is renewed; by default one that the client signs for itself. */
  readonly signer?: Identity | undefined;
  /** By default the SHA-256 of the public key in hexadecimal digits, as RFC 8894 section 3.2.1.1 proposes. */
  readonly transactionID?: string | undefined;
  readonly digest: DigestName;
  readonly cipher: CipherName;
  /** By default PKCS #1 v1.5, which every server takes. */
  readonly keyTransport?: KeyTransport | undefined;
}

/** A message that is ready to be sent, any number of times, and what it takes to read the answer. */
export interface EnrolmentMessage {
  /** DER of the pkiMessage. */
  readonly bytes: Buffer;
  readonly transactionID: string;
  readonly senderNonce: Buffer;
  /** The key that is to be certified. */
  readonly publicKey: PublicKey;
  /** To whom the answer is encrypted, if the key is an RSA key. */
  readonly signer: Identity;
  /** What was sent, and what the answer is encrypted with otherwise. */
  readonly challengePassword?: string | undefined;
  readonly ca: CaCertificates;
}

/** The server's answer to an enrolment. */
export type EnrolmentReply =
  | {
      readonly pkiStatus: 'SUCCESS';
      /** The certificate of the key that was sent. */
      readonly certificate: Certificate;
      /** Everything in the answer, in its order. */
      readonly certificates: readonly Certificate[];
    }
  | { readonly pkiStatus: 'FAILURE'; readonly failInfo: FailInfo; readonly failInfoText: string | undefined }
  | { readonly pkiStatus: 'PENDING' };

const HOUR = 3_600_000;
const SELF_SIGNED_LIFETIME = 7 * 24 * HOUR;
const SIGN: readonly KeyUsageBit[] = ['digitalSignature'];
const SIGN_AND_DECRYPT: readonly KeyUsageBit[] = ['digitalSignature', 'keyEncipherment'];

/**
 * Builds the message of an enrolment without sending it.
 *
 * @throws ScepClientError when nobody could read the answer: for an EC key without a challengePassword
 */
export async function encodeEnrolment(
  enrolment: Enrolment,
  ca: CaCertificates,
  now: Date,
  random: RandomSource,
): Promise<EnrolmentMessage> {
  const { key, subject, digest, messageType } = enrolment;
  const content =
    enrolment.request?.der ??
    (await buildCertificationRequest({
      subject,
      signer: key,
      challengePassword: enrolment.challengePassword,
      extensions: enrolment.extensions,
      digest,
    }));
  return encode(enrolment, messageType, content, ca, now, random);
}

/**
 * Builds the message that asks what became of an enrolment whose answer was PENDING (CertPoll, RFC 8894 section 3.3.3),
 * without sending it. Where the enrolment names no signer, the certificate that signs is a new one for the same key.
 */
export function encodePoll(
  enrolment: Enrolment,
  ca: CaCertificates,
  now: Date,
  random: RandomSource,
): Promise<EnrolmentMessage> {
  return encode(enrolment, 'CertPoll', issuerAndSubject(ca.issuer.subject, enrolment.subject), ca, now, random);
}

async function encode(
  enrolment: Enrolment,
  messageType: RequestMessageType,
  content: Buffer,
  ca: CaCertificates,
  now: Date,
  random: RandomSource,
): Promise<EnrolmentMessage> {
  const { key, digest, cipher } = enrolment;
  const transactionID = enrolment.transactionID ?? digestOf('sha256', key.publicKey.spki).toString('hex').toUpperCase();
  const signer = enrolment.signer ?? (await selfSigned(enrolment, now, random));
  const challengePassword = (enrolment.request ?? enrolment).challengePassword;
  if (signer.key.publicKey.type !== 'rsa' && challengePassword === undefined)
    throw new ScepClientError('the answer to an EC key is encrypted with the challengePassword, and there is none');
  const senderNonce = random.bytes(16);
  const keyTransport = enrolment.keyTransport ?? PKCS1_KEY_TRANSPORT;
  const { recipient } = ca;
  const bytes = await encodePkiMessage(
    {
      messageType,
      transactionID,
      senderNonce,
      signingTime: now,
      content,
      recipient,
      signer,
      digest,
      cipher,
      keyTransport,
    },
    random,
  );
  return { bytes, transactionID, senderNonce, publicKey: key.publicKey, signer, challengePassword, ca };
}

/** A certificate for the key that is to be certified, by that key (RFC 8894 section 2.3). */
async function selfSigned({ key, subject, digest }: Enrolment, now: Date, random: RandomSource): Promise<Identity> {
  const serialNumber = Buffer.concat([Buffer.of(1), random.bytes(15)]);
  const der = await buildCertificate({
    serialNumber,
    issuer: subject,
    subject,
    notBefore: new Date(now.getTime() - HOUR),
    notAfter: new Date(now.getTime() + SELF_SIGNED_LIFETIME),
    spki: key.publicKey.spki,
    extensions: extensions([keyUsage(key.publicKey.type === 'rsa' ? SIGN_AND_DECRYPT : SIGN)]),
    signer: key,
    digest,
  });
  return { certificate: Certificate.read(der), key };
}

/**
 * Reads the answer to a message, strictly: signed by the CA or RA, with our transactionID and nonce, and with SUCCESS a
 * certificate for our key.
 *
 * @throws DerError when it is no CertRep, or there is no certificate for our key in it
 * @throws ServiceError when it is not the answer to this message, or cannot be opened
 */
export async function readEnrolmentReply(bytes: Buffer, message: EnrolmentMessage): Promise<EnrolmentReply> {
  const reply = decodeCertRep(bytes);
  checkCertRep(reply, { ...message, signers: message.ca.signers });
  const { outcome } = reply;
  if (outcome.pkiStatus === 'FAILURE') return outcome;
  if (outcome.pkiStatus === 'PENDING') return { pkiStatus: 'PENDING' };
  const { signer, challengePassword } = message;
  const certificates = await openCertRep(reply, { ...signer, challengePassword });
  const certificate = certificates.find(({ publicKey }) => publicKey.equals(message.publicKey));
  if (certificate === undefined) throw new DerError('CertRep: no certificate for the key that was sent');
  return { pkiStatus: 'SUCCESS', certificate, certificates };
}
