import { cipherKeyLength } from '../../pki/cms/content-cipher';
import type { EnvelopedData } from '../../pki/cms/enveloped-data';
import { readPasswordRecipient, unwrapForPassword } from '../../pki/cms/password-recipient';
import { DerError } from '../../pki/der/der-error';
import { allowedCipher, decryptEnvelope, envelopeUnreadable } from './pkcs-pki-envelope.opener';

/**
 * Opens an envelope that is encrypted with a password (RFC 8894 section 3.1): what a client does whose own key cannot
 * decrypt. The first PasswordRecipientInfo counts.
 *
 * @returns the plaintext
 * @throws ServiceError `algorithm-not-allowed` for a content cipher that is unknown; `envelope-unreadable` for all else,
 *   the wrong password included
 */
export async function openPasswordEnvelope(data: EnvelopedData, password: string): Promise<Buffer> {
  const [recipient] = data.passwordRecipients;
  if (recipient === undefined) throw envelopeUnreadable('the envelope is not encrypted with a password');
  const cipher = allowedCipher(data, {});
  let key: Buffer;
  try {
    key = await unwrapForPassword(readPasswordRecipient(recipient), password, cipherKeyLength(cipher));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw envelopeUnreadable(error.message);
  }
  const content = decryptEnvelope(data, cipher, key);
  if (content === undefined) throw envelopeUnreadable('the content of the envelope cannot be decrypted');
  return content;
}
