import type { ApprovalEntity } from '../../approvals/approval.entity';
import { APPROVAL_STATES, type ApprovalState } from '../../approvals/approval-state';
import { REQUEST_DIGESTS, type RequestFingerprints } from '../../approvals/pending-request';
import { DerError } from '../../pki/der/der-error';
import { CertificationRequest } from '../../pki/x509/certification-request';
import { readGeneralNames } from '../../pki/x509/general-name';
import { Oid } from '../../pki/x509/oid';
import { requestedTemplates } from '../../pki/x509/requested-template';
import { pem } from '../../pki/x509/pem';
import { MESSAGE_TYPE_NUMBERS } from '../../scep/message/message-type';
import {
  flag,
  integer,
  listOf,
  moment,
  oneOf,
  optionalMoment,
  optionalText,
  record,
  text,
  type Answer,
} from '../openapi/documented';

/** A request that waits for an officer, or waited, as it is answered. */
export interface ApprovalView {
  readonly id: string;
  /** `expired`, too, where nobody has written that down yet. */
  readonly state: ApprovalState;
  /** Names as they were when the request came. */
  readonly alias: string;
  readonly authority: string;
  readonly username: string;
  readonly messageType: string;
  readonly transactionID: string;
  /** How many transactions wait for it. */
  readonly transactions: number;
  readonly source: string;
  /** Serial number of the certificate that is to be renewed, hexadecimal; null: it is an enrolment. */
  readonly renews: string | null;
  /** What is asked for; what is issued also depends on alias and profiles. */
  readonly subject: string;
  readonly subjectAltNames: readonly { readonly type: string; readonly value: string }[];
  /** Microsoft's certificate templates that it names: the alias can choose another certificate profile by them. */
  readonly templates: readonly string[];
  readonly key: string;
  /** Of the PKCS #10 request as the device made it, in hexadecimal pairs with colons. */
  readonly fingerprints: RequestFingerprints;
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeyFingerprint: string;
  /** PEM, without the challengePassword, and if there was one without its signature. */
  readonly certificationRequest: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  readonly tellDevice: boolean;
  /** Of the certificate that was issued: hexadecimal, lower case. */
  readonly serialNumber: string | null;
}

/** {@link ApprovalView} in the OpenAPI document. */
export const APPROVAL_ANSWER: Answer = {
  name: 'Approval',
  properties: {
    id: text,
    state: oneOf(APPROVAL_STATES),
    alias: text,
    authority: text,
    username: text,
    messageType: text,
    transactionID: text,
    transactions: integer,
    source: text,
    renews: optionalText,
    subject: text,
    subjectAltNames: listOf(record({ type: text, value: text })),
    templates: listOf(text),
    key: text,
    fingerprints: record(Object.fromEntries(REQUEST_DIGESTS.map((name) => [name, text]))),
    publicKeyFingerprint: text,
    certificationRequest: text,
    createdAt: moment,
    expiresAt: moment,
    decidedAt: optionalMoment,
    decidedBy: optionalText,
    reason: optionalText,
    tellDevice: flag,
    serialNumber: optionalText,
  },
};

/** Makes the view of an approval as it is at a moment. */
export function approvalView(row: ApprovalEntity, now: Date): ApprovalView {
  const request = CertificationRequest.read(row.certificationRequest);
  const { publicKey } = request;
  const { decidedAt, decidedBy, reason, tellDevice, createdAt, expiresAt, source, transactions, subject } = row;
  return {
    id: row.id,
    state: row.state === 'waiting' && expiresAt <= now ? 'expired' : row.state,
    alias: row.alias,
    authority: row.authority,
    username: row.username,
    messageType: messageTypeName(row.messageType),
    transactionID: row.transactionID,
    transactions,
    source,
    renews: row.renewedSerialNumber?.toString('hex') ?? null,
    subject,
    subjectAltNames: altNames(request),
    templates: readable(() => requestedTemplates(request)) ?? [],
    key: publicKey.type === 'rsa' ? `RSA ${publicKey.bits}` : `EC ${publicKey.curve ?? ''}`,
    fingerprints: Object.fromEntries(
      REQUEST_DIGESTS.map((name) => [name, withColons(row.fingerprints[name])]),
    ) as RequestFingerprints,
    publicKeyFingerprint: withColons(publicKey.hash.toString('hex')),
    certificationRequest: pem('CERTIFICATE REQUEST', row.certificationRequest),
    createdAt,
    expiresAt,
    decidedAt,
    decidedBy,
    reason,
    tellDevice,
    serialNumber: row.serialNumber?.toString('hex') ?? null,
  };
}

/** As devices and OpenSSL show fingerprints. */
const withColons = (hex: string): string => hex.toUpperCase().replace(/(..)(?=.)/g, '$1:');

const messageTypeName = (number: number): string =>
  Object.entries(MESSAGE_TYPE_NUMBERS).find(([, value]) => value === number)?.[0] ?? String(number);

function altNames(request: CertificationRequest): ApprovalView['subjectAltNames'] {
  const extension = request.extensions.find(({ oid }) => oid === Oid.subjectAltName);
  if (extension === undefined) return [];
  return readable(() => readGeneralNames(extension.value).map(({ type, value }) => ({ type, value }))) ?? [];
}

/** What cannot be read is not issued either: with it nothing is approved. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
