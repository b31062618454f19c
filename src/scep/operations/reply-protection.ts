import type { Alias } from '../../aliases/alias';
import { ServiceError } from '../../common/service-error';
import { getDeviceProfile } from '../../device-profiles/device-profile-catalogue';
import { cipherKeyLength, type CipherName } from '../../pki/cms/content-cipher';
import { canWrapKey } from '../../pki/cms/key-transport';
import { DerError } from '../../pki/der/der-error';
import type { Certificate } from '../../pki/x509/certificate';
import type { ReplyProtection } from '../message/cert-rep.encoder';
import type { OpenedEnvelope } from '../message/pkcs-pki-envelope.opener';

/** RFC 8894 section 3.5.2 (row K-08). */
const FIXED_CIPHER: CipherName = 'aes128';

/** The cipher of an answer: that of the request, unless the alias has one for all. */
export const replyCipher = (alias: Alias, opened: Pick<OpenedEnvelope, 'cipher'>): CipherName =>
  alias.algorithms.reply === 'mirror' ? opened.cipher : FIXED_CIPHER;

/** Who asked, and with what an answer could be encrypted. */
export interface ReplyRecipient {
  readonly alias: Alias;
  /** The certificate that signed the message. */
  readonly signer: Certificate;
  readonly opened: Pick<OpenedEnvelope, 'cipher' | 'keyTransport'>;
  /** Of the request that is answered; of a CertPoll, that of the request that it asks about. A secret. */
  readonly challengePassword: string | undefined;
}

/**
 * How a SUCCESS is going to be encrypted (RFC 8894 section 3.1, rows K-04 to K-07): to the key that signed the message, or
 * with the challengePassword where that key cannot decrypt. It is asked before anything is issued, so that there is no
 * certificate whose answer nobody could make, and after the proof that the signer made the request, for what it says
 * tells of the request's content (`unproven`).
 *
 * The challengePassword is the one of the message that is answered, right or not. Whoever sent it has the key that is
 * certified, and what it protects is a certificate, which is no secret: a repeat under another password is readable to who
 * sent that, and to nobody whom a recorded message helped.
 *
 * @throws ServiceError `key-not-allowed` or `algorithm-not-allowed` when there is no way
 */
export function replyProtection({ alias, signer, opened, challengePassword }: ReplyRecipient): ReplyProtection {
  if (!canBeEncryptedTo(alias, signer)) {
    if (challengePassword === undefined)
      throw new ServiceError(
        'key-not-allowed',
        'the key that signed the request cannot decrypt an answer, and there is no challengePassword to encrypt it with: send a request that has one, also to renew, or sign with an RSA key',
        { rule: 'reply.challenge-password' },
      );
    return { kind: 'password', password: challengePassword };
  }
  const { keyTransport } = opened;
  if (!canWrapKey(keyTransport, signer.publicKey, cipherKeyLength(replyCipher(alias, opened))))
    throw new ServiceError(
      'algorithm-not-allowed',
      `the RSA key that signed the request has ${signer.publicKey.bits} bits, too few for an answer by the RSAES-OAEP that the request used: use another digest or PKCS #1 v1.5`,
      { rule: 'reply.key-transport' },
    );
  return { kind: 'keyTransport', recipient: signer, keyTransport };
}

/**
 * Refuses a query whose answer cannot be encrypted: there is no challengePassword in it. That shows in the message itself,
 * and it has to be said before the envelope is opened, for afterwards it would tell that it could be.
 *
 * @throws ServiceError `key-not-allowed`
 */
export function checkQuerySigner(alias: Alias, signer: Certificate): void {
  if (!canBeEncryptedTo(alias, signer))
    throw new ServiceError(
      'key-not-allowed',
      'the key that signed the query cannot decrypt an answer, and a query has no challengePassword to encrypt it with: sign with an RSA key; a CRL can be fetched over HTTP',
      { rule: 'reply.challenge-password' },
    );
}

/**
 * Whether an answer is encrypted to this certificate: an RSA key, whatever its keyUsage says (row N-21), unless the
 * alias's clients mean by it that the key is kept from decrypting.
 */
const canBeEncryptedTo = (alias: Alias, certificate: Certificate): boolean =>
  certificate.publicKey.type === 'rsa' &&
  !(getDeviceProfile(alias.deviceProfile).signOnlyKeysCannotDecrypt && isSignOnly(certificate));

/** A keyUsage that cannot be read says nothing. */
function isSignOnly(certificate: Certificate): boolean {
  try {
    return certificate.keyUsage?.has('keyEncipherment') === false;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
