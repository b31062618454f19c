import type { CertificationRequest } from '../pki/x509/certification-request';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { SubjectAltName } from '../profiles/subject-alt-name';
import type { ChallengeSettings } from './challenge-settings';
import type { BuiltIn } from './manufacturer/built-in-certificate';
import type { OneTimeFacts } from './one-time/one-time-facts';

/** The secrets of an alias in the clear, by the dotted name of the field that was given: `challenge.password`. */
export interface ChallengeSecrets {
  /** Undefined where it is not set; never empty. */
  get(field: string): string | undefined;
}

/** An alias as a challenge sees it. */
export interface ChallengeAlias {
  readonly id: number;
  readonly name: string;
  readonly operationalMode: 'CA' | 'RA';
  readonly challenge: ChallengeSettings;
  readonly secrets: ChallengeSecrets;
}

/** An end entity as a challenge sees it: facts that were read with it. */
export interface ChallengeSubject {
  readonly id: string;
  readonly username: string;
  readonly enrolmentCodeVerifier: Buffer | null;
}

/** One request before a challenge. */
export interface ChallengeCase {
  readonly alias: ChallengeAlias;
  /** Its proof of possession was checked. */
  readonly certificationRequest: CertificationRequest;
  /** As the request holds it; empty where it holds none (draft-nourse-scep-23 section 2.3). */
  readonly challengePassword: string;
  /** The user name that the request stands for; in RA mode it may have been made for this attempt. */
  readonly username: string;
  /** The end entity that the request names; undefined when there is none. */
  readonly endEntity: ChallengeSubject | undefined;
  readonly transactionID: string;
  /** Identifies the attempt in the request log (UUID). */
  readonly requestId: string;
  readonly receivedAt: Date;
  /** Address of the client. */
  readonly source: string;
  /** Whether it renews a certificate, and the challenge is demanded besides. */
  readonly isRenewal: boolean;
  /** For the kind `manufacturer`: whether the signer's certificate was built in by one that is listed. */
  readonly builtIn?: BuiltIn | undefined;
  /** The one-time challenge that the challengePassword is, for the kind that has looked it up. */
  readonly oneTime: OneTimeFacts | undefined;
}

/** What is to be issued in place of what the request or the end entity says; undefined: as those say. */
export interface ChallengeContent {
  readonly subject: DistinguishedName | undefined;
  readonly subjectAltNames: readonly SubjectAltName[] | undefined;
  /** Name of the certificate profile. */
  readonly certificateProfile: string | undefined;
}

/** The challengePassword entitles the request to a certificate. */
export interface RightChallenge {
  readonly right: true;
  /** Id of the one-time challenge that the certificate, or the approval that is waited for, uses up. */
  readonly uses?: string;
  /** Values that the judge puts in; the profiles are applied to them as to any others. */
  readonly content?: ChallengeContent;
  /** Whether it says which device it is for, so that it is right for no other name: then that one may enrol again in RA mode. */
  readonly boundToDevice?: boolean;
}

/** It does not. */
export interface WrongChallenge {
  readonly right: false;
  /** Which rule refuses it, for the request log. */
  readonly rule: string;
  /** Why, for the administrator; never the challengePassword itself. */
  readonly explanation: string;
  /** Whether it counts as a guess, which may end in a lockout. */
  readonly countsAsFailure: boolean;
  /** Id of the one-time challenge that was used for something else than it is bound to. */
  readonly misuses?: string;
  /** What the device is told in place of the one text for all; it must be of no use to who guesses. */
  readonly told?: string;
}

/** What a challenge says of a request. */
export type ChallengeVerdict = RightChallenge | WrongChallenge;

/** The verdict of a kind that has nothing to add. */
export const RIGHT: RightChallenge = { right: true };

/**
 * One kind of challenge: decides whether the challengePassword of a request entitles it to a certificate. What it is
 * checked against was read with the end entity, so that an enrolment reads once; only an external kind asks others.
 */
export interface ChallengeKind {
  /** Whether a request without a challengePassword is refused. */
  readonly demandsPassword: boolean;
  /**
   * Whether a foreign service is asked. Then it is asked last, after all that can be judged here, and its verdict counts
   * also when the request is judged anew because others were faster.
   */
  readonly external: boolean;
  /**
   * The verifier by which the challengePassword is looked up among the one-time challenges along with the end entity, for a
   * kind that wants that.
   */
  verifierOf?(alias: ChallengeAlias, challengePassword: string): Buffer;
  /**
   * Judges one request. A kind that is not external takes the same time for an unknown end entity as for a wrong
   * challengePassword.
   * @throws ServiceError `challenge-unavailable` where nobody can tell at the moment: the device is to come again
   */
  judge(asked: ChallengeCase): ChallengeVerdict | Promise<ChallengeVerdict>;
}
