import { ServiceError } from '../../common/service-error';
import { identifies } from '../../pki/cms/certificate-identifier';
import { cipherFromOid, cipherKeyLength, type CipherName, decryptContent } from '../../pki/cms/content-cipher';
import { readDerOrBer } from '../../pki/cms/content-info';
import type { DecryptionKey } from '../../pki/cms/decryption-key';
import { type EnvelopedData, type KeyTransRecipient, readEnvelopedData } from '../../pki/cms/enveloped-data';
import { type KeyTransport, keyTransportOf } from '../../pki/cms/key-transport';
import { unwrapKey } from '../../pki/cms/key-unwrap';
import { DerError } from '../../pki/der/der-error';
import { DerReader } from '../../pki/der/der-reader';
import { Tag } from '../../pki/der/tag';
import type { Certificate } from '../../pki/x509/certificate';
import { Oid } from '../../pki/x509/oid';

/** A certificate that clients may encrypt to, with its key. */
export interface EnvelopeRecipient {
  readonly certificate: Certificate;
  readonly key: DecryptionKey;
}

/** What an envelope may use; all that can be read is allowed where a list is missing. */
export interface EnvelopePolicy {
  readonly ciphers?: readonly CipherName[];
  readonly keyTransports?: readonly KeyTransport['scheme'][];
}

/** An envelope that was opened. */
export interface OpenedEnvelope<R extends EnvelopeRecipient = EnvelopeRecipient> {
  /** Whose key opened it. */
  readonly recipient: R;
  readonly cipher: CipherName;
  readonly keyTransport: KeyTransport;
  /** The plaintext. */
  readonly content: Buffer;
}

const NO_IV = Buffer.alloc(0);

/** What an envelope says without being opened. */
export interface ClosedEnvelope<R extends EnvelopeRecipient = EnvelopeRecipient> {
  /** Who is named; undefined where that is none of ours. */
  readonly recipient: R | undefined;
  readonly cipher: CipherName;
  readonly keyTransport: KeyTransport;
}

/** What can be wrong before it is proved that whoever signed the message also made what is in its envelope. */
const UNPROVEN = ['envelope-unreadable', 'signer-key-mismatch', 'bad-proof-of-possession'] as const;

/** The same for queries, which have no such proof at all. */
const UNPROVABLE = 'certificate-unknown';

/**
 * The error for everything that is wrong about an envelope and its content, up to the proof that the signer of the message
 * made that content. The device sees no difference, for anyone can put a recorded envelope, altered, under a signature of
 * his own: as soon as two answers differ by what came out of the decryption, he reads the recorded content octet by octet,
 * challengePassword and all (Vaudenay 2002). What follows after the proof may be told in detail.
 *
 * @param explanation for the administrator
 */
export const unproven = (code: (typeof UNPROVEN)[number], rule: string, explanation?: string): ServiceError =>
  new ServiceError(
    code,
    'the pkcsPKIEnvelope cannot be opened, or its content is no request signed with the key that signed the message',
    { rule, ...(explanation === undefined ? {} : { explanation }) },
  );

/**
 * The error for everything that GetCert and GetCRL do not find, from an envelope that cannot be opened to a serial number
 * that nobody has: as {@link unproven}, one answer for all.
 *
 * @param explanation for the administrator
 */
export const certificateUnknown = (rule: string, explanation?: string): ServiceError =>
  new ServiceError(UNPROVABLE, 'the pkcsPKIEnvelope cannot be opened, or asks for what this alias does not have', {
    rule,
    ...(explanation === undefined ? {} : { explanation }),
  });

/** Whether an error is one of {@link unproven} or {@link certificateUnknown}. */
export const isUnproven = ({ code }: ServiceError): boolean =>
  (UNPROVEN as readonly string[]).includes(code) || code === UNPROVABLE;

/** {@link unproven} for an envelope that cannot be opened, and for content that is not what the message type says. */
export const envelopeUnreadable = (explanation?: string): ServiceError =>
  unproven('envelope-unreadable', 'message.envelope', explanation);

const algorithmNotAllowed = (rule: string, detail: string): ServiceError =>
  new ServiceError('algorithm-not-allowed', detail, { rule });

/**
 * Opens a pkcsPKIEnvelope. The recipient is the one that the envelope names, by issuer and serial number or by key
 * identifier. If it names none of ours, every key of ours is tried, for the certificate of a key may have been renewed
 * since the client fetched it.
 *
 * One private key operation is done for each key that is tried, whatever comes of it; algorithms are judged before.
 *
 * @param envelope in DER or BER
 * @param recipients in order of preference: current generation, next, previous
 * @throws ServiceError `algorithm-not-allowed` if the envelope's algorithms are unknown or not in `policy`;
 *   `envelope-unreadable`, always in the same words, for all else; what {@link DecryptionKey.raw} throws
 */
export async function openEnvelope<R extends EnvelopeRecipient>(
  envelope: Buffer,
  recipients: readonly R[],
  policy: EnvelopePolicy = {},
): Promise<OpenedEnvelope<R>> {
  const data = readEnvelope(envelope);
  const cipher = allowedCipher(data, policy);
  const addressed = addressedRecipients(data, recipients);
  const keyTransport = allowedKeyTransport(addressed.info, policy);

  let opened: OpenedEnvelope<R> | undefined;
  for (const recipient of addressed.candidates) {
    // Every candidate is tried to the end, so that the number of operations tells nothing.
    const key = await unwrapKey(recipient, keyTransport, addressed.info.encryptedKey, cipherKeyLength(cipher));
    const content = decryptEnvelope(data, cipher, key);
    if (content !== undefined) opened ??= { recipient, cipher, keyTransport, content };
  }
  if (opened === undefined) throw envelopeUnreadable(addressed.explanation);
  return opened;
}

/**
 * Reads what an envelope says in clear, for messages whose content does not matter. No key is used.
 *
 * @throws ServiceError as {@link openEnvelope}, for what is wrong about algorithms and structure
 */
export function inspectEnvelope<R extends EnvelopeRecipient>(
  envelope: Buffer,
  recipients: readonly R[],
  policy: EnvelopePolicy = {},
): ClosedEnvelope<R> {
  const data = readEnvelope(envelope);
  const cipher = allowedCipher(data, policy);
  const { info, candidates, explanation } = addressedRecipients(data, recipients);
  const recipient = explanation === undefined ? candidates[0] : undefined;
  return { recipient, cipher, keyTransport: allowedKeyTransport(info, policy) };
}

/**
 * Reads a pkcsPKIEnvelope without opening it.
 *
 * @throws ServiceError `envelope-unreadable`
 */
export function readEnvelope(envelope: Buffer): EnvelopedData {
  let data: EnvelopedData;
  try {
    data = readDerOrBer(envelope, readEnvelopedData);
  } catch (error) {
    if (error instanceof DerError) throw envelopeUnreadable('the pkcsPKIEnvelope is no EnvelopedData');
    throw error;
  }
  // RFC 8894 section 3.2.2.
  if (data.contentType !== Oid.data) throw envelopeUnreadable('the encrypted content is not of type id-data');
  return data;
}

/**
 * The cipher of an envelope's content.
 *
 * @throws ServiceError `algorithm-not-allowed` if it is unknown or not in `policy`
 */
export function allowedCipher(data: EnvelopedData, policy: EnvelopePolicy): CipherName {
  const cipher = cipherFromOid(data.contentEncryptionAlgorithm.oid);
  if (cipher !== undefined && policy.ciphers?.includes(cipher) !== false) return cipher;
  throw algorithmNotAllowed('message.content-encryption', 'the content encryption algorithm is not allowed');
}

function allowedKeyTransport(info: KeyTransRecipient, policy: EnvelopePolicy): KeyTransport {
  const transport = keyTransportOrUndefined(info);
  if (transport !== undefined && policy.keyTransports?.includes(transport.scheme) !== false) return transport;
  throw algorithmNotAllowed('message.key-transport', 'the key transport algorithm is not allowed');
}

function keyTransportOrUndefined(info: KeyTransRecipient): KeyTransport | undefined {
  try {
    return keyTransportOf(info.keyEncryptionAlgorithm);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

interface Addressed<R> {
  readonly info: KeyTransRecipient;
  /** Whose keys to try; at least one. */
  readonly candidates: readonly R[];
  readonly explanation?: string;
}

function addressedRecipients<R extends EnvelopeRecipient>(data: EnvelopedData, recipients: readonly R[]): Addressed<R> {
  for (const info of data.recipients) {
    const named = recipients.find(({ certificate }) => identifies(info.recipient, certificate));
    if (named !== undefined) return { info, candidates: [named] };
  }
  const [info] = data.recipients;
  if (info === undefined) {
    // The password would be in the request itself, and what is kept of it cannot be turned back into one.
    if (data.passwordRecipients.length > 0)
      throw algorithmNotAllowed(
        'message.password-recipient',
        'the envelope is encrypted with a password: encrypt it to the RSA certificate that GetCACert gives',
      );
    if (data.otherRecipients === 0) throw envelopeUnreadable('the envelope has no recipient');
    throw algorithmNotAllowed('message.key-transport', 'the envelope is not encrypted to an RSA key');
  }
  const explanation = `the envelope is encrypted to ${describe(info)}, which is none of this alias's`;
  return { info, candidates: distinctKeys(recipients), explanation };
}

const describe = ({ recipient }: KeyTransRecipient): string =>
  recipient.type === 'issuerAndSerial'
    ? `the certificate with serial number ${recipient.serialNumber.toString('hex')}`
    : `the key with identifier ${recipient.keyIdentifier.toString('hex')}`;

/** Anyone can name a recipient that nobody knows, and each key that is then tried costs a private operation. */
const MAX_TRIED_KEYS = 4;

function distinctKeys<R extends EnvelopeRecipient>(recipients: readonly R[]): R[] {
  const keys = recipients.map(({ certificate }) => certificate.publicKey);
  return recipients
    .filter((_, index) => keys.findIndex((key) => key.equals(keys[index] as typeof key)) === index)
    .slice(0, MAX_TRIED_KEYS);
}

/** The content if it is padded rightly and one SEQUENCE, as all that SCEP encrypts is. */
export function decryptEnvelope(data: EnvelopedData, cipher: CipherName, key: Buffer): Buffer | undefined {
  const { parameters } = data.contentEncryptionAlgorithm;
  const iv = parameters?.tag === Tag.OCTET_STRING ? parameters.content : NO_IV;
  try {
    const content = decryptContent(cipher, key, iv, data.encryptedContent);
    return isOneSequence(content) ? content : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function isOneSequence(content: Buffer): boolean {
  const indefinite = content[0] === Tag.SEQUENCE && content[1] === 0x80;
  return indefinite || new DerReader(content).expect(Tag.SEQUENCE, 'content').raw.length === content.length;
}
