import type { Alias } from '../aliases/alias';
import type { Authority, Generation } from '../authorities/authority';
import type { BuiltIn } from '../challenges/manufacturer/built-in-certificate';
import type { ServiceError } from '../common/service-error';
import type { Certificate } from '../pki/x509/certificate';
import type { CertificationRequest } from '../pki/x509/certification-request';
import type { PublicKey } from '../pki/x509/public-key';
import type { RequestRecord } from '../requests/request-record';

/** What a certificate is issued by, at once or after an officer's yes. */
export interface RequestedIssue {
  /** Identifies this attempt in the request log (UUID). */
  readonly id: string;
  readonly receivedAt: Date;
  readonly alias: Alias;
  /** Version of the configuration that alias and authority are of. */
  readonly configurationVersion: bigint;
  /** The authority and generation that issue. */
  readonly authority: Authority;
  readonly generation: Generation;
  readonly transactionID: string;
  /** Number of the message type, part of what makes a repeat. */
  readonly messageType: number;
  /** The request; its proof of possession was checked. */
  readonly certificationRequest: CertificationRequest;
  /** Set where the request is signed by a certificate that it may renew. */
  readonly renewal: Renewal | undefined;
  /** Address of the client, for lockouts and the log. */
  readonly source: string;
}

/** What a device asks for, said in domain words: nothing here knows how it came. */
export interface EnrolmentRequest extends RequestedIssue {
  /**
   * The generation whose key the device addressed, part of what makes a repeat. It is the one that issues, but where it is
   * the previous one, for which the current one does.
   */
  readonly addressed: Generation;
  /** The key that signed the request: whoever has it may ask later what became of it. */
  readonly signerKey: PublicKey;
  /** The certificate that signed the request, where manufacturers vouch for devices. */
  readonly builtIn: BuiltIn | undefined;
  /** Whether an RA of the alias signed it, for one of its devices. */
  readonly byRa: boolean;
  /** Whether the certificate will be sent encrypted with the challengePassword, for that key cannot decrypt. */
  readonly answeredByPassword: boolean;
  /** SHA-256 of the very message, to tell a copy of it from a request that is made anew. Computed when it is asked for. */
  readonly messageHash: () => Buffer;
  readonly journal: EnrolmentJournal;
}

/**
 * From when on the certificate is to be valid, for a request to the next generation of its authority: a shadow certificate,
 * with which the device gets through the rollover (RFC 8894 section 4.7). Undefined for any other request.
 */
export function shadowStart({ authority, generation }: RequestedIssue): Date | undefined {
  const { next } = authority.generations;
  return next?.id === generation.id ? next.startsAt : undefined;
}

/** What makes a request a renewal. */
export interface Renewal {
  /** Whose key signed the request, by a certificate that says it is of `issuer`, which has signed it. */
  readonly certificate: Certificate;
  /** An authority whose certificates the alias renews. */
  readonly issuer: Authority;
  /** Where the renewal is refused the request may be judged as an enrolment: it says so, and for the key that signed it. */
  readonly enrolsOtherwise: boolean;
  /**
   * Whether it was found not to be too early when it came, and has waited since: a rollover that it was in advance of may be
   * over by now.
   */
  readonly cameInTime: boolean;
}

/** A certificate is the answer. */
export interface IssuedOutcome {
  readonly kind: 'issued';
  /** DER of the certificate. */
  readonly certificate: Buffer;
  /** The generation that issued it, where it is known; else the one that the request is addressed to. */
  readonly issuer?: Generation | undefined;
  /** Whether this is the answer that an earlier, equal request got. */
  readonly repeated: boolean;
}

/** A failed attempt, to be counted together with the record of the refusal. */
export interface FailedAttempt {
  /** Whose code was guessed at; undefined: it counts against the alias. */
  readonly endEntityId: string | undefined;
  /** Its profile, which may have a limit of its own. */
  readonly endEntityProfileId?: number | undefined;
  readonly source: string;
}

/** No certificate; nothing was changed. */
export interface RefusedOutcome {
  readonly kind: 'refused';
  readonly error: ServiceError;
  /** Whose guess it was, when it was one. */
  readonly failedAttempt: FailedAttempt | undefined;
  /** Id of the one-time challenge that was used for something else than it is bound to. */
  readonly misusedChallenge?: string | undefined;
}

/** An officer is to decide. */
export interface PendingOutcome {
  readonly kind: 'pending';
  /** Whether an earlier, equal request had opened the approval already. */
  readonly repeated: boolean;
}

/** What became of a request. */
export type EnrolmentOutcome = IssuedOutcome | PendingOutcome | RefusedOutcome;

/**
 * The outcome as far as it is known before the database has confirmed it. A certificate in it must not leave the gateway
 * until `settled` resolves; what that resolves to is the answer, and it can be another one than was signed, when an equal
 * request was faster. It rejects with ServiceError `outcome-unknown` when nobody can tell whether the write took place.
 */
export interface UnsettledOutcome {
  readonly provisional: EnrolmentOutcome;
  readonly settled: Promise<EnrolmentOutcome>;
}

/** Makes the request log's record of an outcome; the caller knows how the request came, the enrolment what came of it. */
export interface EnrolmentJournal {
  /** The request stands for this user. */
  usernameFound(username: string): void;
  /** Record of an issued or repeated certificate. */
  issued(certificate: IssuedCertificate, repeated: boolean): RequestRecord;
  /** Record of a request that waits for an officer. */
  pending(approval: OpenApproval): RequestRecord;
}

/** What the journal is told about a request that waits. */
export interface OpenApproval {
  readonly id: string;
  /** Undefined where it is told already. */
  readonly username?: string;
  readonly expiresAt: Date;
}

/** What the journal is told about a certificate. */
export interface IssuedCertificate {
  readonly username: string;
  /** Big-endian magnitude. */
  readonly serialNumber: Buffer;
}
