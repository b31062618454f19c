import { asStorable } from '../common/storable-text';
import { digest } from '../pki/x509/digest-name';
import type { CertificationRequest } from '../pki/x509/certification-request';

/** The digests by which a request is compared over the telephone (draft-nourse-scep-23 section 2.3, row N-12). */
export const REQUEST_DIGESTS = ['md5', 'sha1', 'sha256', 'sha512'] as const;

/** Digests of the DER of a PKCS #10 request, in hexadecimal digits. */
export type RequestFingerprints = Readonly<Record<(typeof REQUEST_DIGESTS)[number], string>>;

/** The fingerprints of a request, of its challengePassword and signature too: as the device computes them. */
export function requestFingerprints({ der }: CertificationRequest): RequestFingerprints {
  return Object.fromEntries(
    REQUEST_DIGESTS.map((name) => [name, digest(name, der).toString('hex')]),
  ) as RequestFingerprints;
}

/** A request that an officer is to decide, with all that it takes to issue later. */
export interface PendingRequest {
  readonly id: string;
  readonly alias: { readonly id: number; readonly name: string };
  readonly authority: { readonly id: number; readonly name: string };
  readonly generationId: number;
  readonly endEntity: { readonly id: string; readonly username: string; readonly epoch: number };
  /** Whether one of the end entity's allowed requests is set aside for it: its challenge is used up. */
  readonly reserved: boolean;
  readonly messageType: number;
  readonly transactionID: string;
  readonly source: string;
  /** The certificate that is to be renewed; undefined for an enrolment. */
  readonly renews: { readonly authorityId: number; readonly serialNumber: Buffer } | undefined;
  readonly contentHash: Buffer;
  readonly messageHash: Buffer;
  readonly signerKeyHash: Buffer;
  readonly certificationRequest: CertificationRequest;
  /** See `ApprovalSecrets`; undefined where the answer does not need it. */
  readonly sealedChallengePassword: Buffer | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Of the subject's text, in characters: all of it stands in the request. Anyone can make a longer one than is ever read. */
const LONGEST_SUBJECT = 2000;

const hex = (bytes: Buffer | undefined): string | null => (bytes === undefined ? null : `\\x${bytes.toString('hex')}`);

/** The request as the row that `jsonb_populate_record(null::approvals, …)` makes of it, waiting. */
export function approvalRow(request: PendingRequest): Readonly<Record<string, unknown>> {
  const { alias, authority, endEntity, renews, certificationRequest } = request;
  return {
    id: request.id,
    state: 'waiting',
    alias_id: alias.id,
    alias: alias.name,
    authority_id: authority.id,
    authority: authority.name,
    generation_id: request.generationId,
    end_entity_id: endEntity.id,
    end_entity_epoch: endEntity.epoch,
    username: endEntity.username,
    reserved: request.reserved,
    message_type: request.messageType,
    transaction_id: request.transactionID,
    transactions: 1,
    source: request.source,
    renewed_authority_id: renews?.authorityId ?? null,
    renewed_serial_number: hex(renews?.serialNumber),
    content_hash: hex(request.contentHash),
    message_hash: hex(request.messageHash),
    signer_key_hash: hex(request.signerKeyHash),
    certification_request: hex(certificationRequest.withoutChallengePassword()),
    fingerprints: requestFingerprints(certificationRequest),
    subject: asStorable(certificationRequest.subject.abridged(LONGEST_SUBJECT)),
    sealed_challenge_password: hex(request.sealedChallengePassword),
    tell_device: false,
    created_at: request.createdAt.toISOString(),
    expires_at: request.expiresAt.toISOString(),
  };
}
