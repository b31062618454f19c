import { Injectable } from '@nestjs/common';

import type { EnrolmentRequest } from './enrolment-request';
import type { ChallengeKindName } from '../challenges/challenge-settings';
import { Challenges } from '../challenges/challenges';
import { KeyEncryptionKey } from '../keys/key-encryption-key';

/** How long a gateway that issues is left alone with its certificate; then the job takes care of it. */
const PATIENCE = `interval '2 minutes'`;

/** The state of a transaction whose certificate is issued now: it may have to wait for a foreign service. */
export const ISSUED_STATE = `case when :sealedRequest::bytea is null then 'issued' else 'unreleased' end`;

/**
 * A part of the statements that issue, after `entered`: keeps back the certificate until the service has heard of it. With
 * the parameters of `enrolment-issue`; :sealedRequest is null where nobody is to be told.
 */
export const HOLD_BACK = `held as (
  insert into unreleased_certificates (authority_id, serial_number, ledger_key, alias_id, kind, transaction_id,
    sealed_request, issued_at, next_attempt_at)
  select :authorityId, :serialNumber, :ledgerKey, :aliasId, :challengeKind::text, :transactionID, :sealedRequest::bytea, :now, :now::timestamptz + ${PATIENCE}
  from entered where :sealedRequest::bytea is not null
)`;

const context = (authorityId: number, serialNumber: Buffer): string =>
  `unreleased_certificates/${authorityId}/${serialNumber.toString('hex')}`;

/** What is kept of the request behind a certificate that waits. */
export interface HeldRequest {
  /** Of the challenge. */
  readonly kind: ChallengeKindName;
  readonly sealedRequest: Buffer;
}

/** The requests behind certificates that are kept back: their challengePasswords make them secrets. */
@Injectable()
export class HeldRequests {
  constructor(
    private readonly keyEncryptionKey: KeyEncryptionKey,
    private readonly challenges: Challenges,
  ) {}

  /** The request, sealed for the row of its certificate; undefined where nobody is to be told of that. */
  sealed(request: EnrolmentRequest, serialNumber: Buffer): HeldRequest | undefined {
    const { alias, authority, certificationRequest } = request;
    const { kind } = alias.challenge;
    if (this.challenges.releasingOf(kind) === undefined) return undefined;
    const sealedRequest = this.keyEncryptionKey.seal(certificationRequest.der, context(authority.id, serialNumber));
    return { kind, sealedRequest };
  }

  /**
   * DER of the request.
   * @throws ServiceError `internal` when it was sealed for another row, or under a key that is not there
   */
  open(authorityId: number, serialNumber: Buffer, sealed: Buffer): Buffer {
    return this.keyEncryptionKey.open(sealed, context(authorityId, serialNumber));
  }
}
