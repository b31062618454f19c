import type { ChallengeVerdict, WrongChallenge } from '../challenges/challenge';
import { ServiceError } from '../common/service-error';
import { isEnrolling, statusName } from '../end-entities/end-entity-status';
import type { EndEntityFacts, SourceFailures } from './enrolment-facts.reader';
import { type RequestedIssue, shadowStart } from './enrolment-request';

/**
 * One text for an unknown user, a wrong challengePassword, a lockout and a closed enrolment: whoever does not know the
 * enrolment code learns nothing from it. It says what to do; the request log says which of them it was.
 */
const REJECTED =
  'no enrolment is open for this user name and challengePassword: check both, or ask the administrator, who finds the reason under this transactionID in the request log';

/** What a refusal by {@link judgeAdmission} does to the counters. */
export interface Rejection {
  readonly error: ServiceError;
  /** Whether it is a failed attempt of this source against this end entity. */
  readonly countsAsFailure: boolean;
  /** Id of the one-time challenge against which it is a failed attempt. */
  readonly misuses?: string | undefined;
  /** Whether all would be well if the end entity had an allowed request left. */
  readonly usedUp?: boolean;
}

const rejected = (rule: string, explanation: string): Rejection =>
  wrongChallenge({ right: false, rule, explanation, countsAsFailure: false });

/**
 * Decides whether the request may enrol this end entity; undefined means yes.
 * @param endEntity as read for the user name of the request; undefined when there is none
 * @param verdict of the challenge, which was asked whether or not the end entity exists
 */
export function judgeAdmission(
  request: RequestedIssue,
  endEntity: EndEntityFacts | undefined,
  verdict: ChallengeVerdict,
): Rejection | undefined {
  // Whoever asks for another name than its challenge is bound to may have named nobody who is registered.
  if (endEntity === undefined)
    return !verdict.right && (verdict.misuses !== undefined || countsAgainstAlias(request))
      ? wrongChallenge(verdict)
      : rejected('end-entity.unknown', 'no end entity has this user name');
  const { username } = endEntity;
  const lockout = lockoutOf(request, endEntity);
  if (lockout !== undefined) return lockout;
  if (!verdict.right) return wrongChallenge(verdict);
  if (!isEnrolling(endEntity.status))
    return rejected(
      'end-entity.status',
      `end entity ${username} is in status ${statusName(endEntity.status)}: set it to NEW to let it enrol again`,
    );
  if (endEntity.remainingRequests < 1) return usedUp(username);
  return otherAuthority(request, endEntity) ?? secondShadow(request, endEntity);
}

/** The refusal of an end entity for which nothing more may be asked, unless it is what waits already. */
export const usedUp = (username: string): Rejection => ({
  ...rejected('end-entity.allowed-requests', `end entity ${username} has used all its allowed requests`),
  usedUp: true,
});

/**
 * Whether a wrong challenge counts against the alias that it was tried at: every one but the end entity's own code, which
 * says nothing of any other end entity.
 */
export const countsAgainstAlias = ({ alias }: RequestedIssue): boolean => alias.challenge.kind !== 'end-entity';

/** Why no challenge of this source is looked at by this alias now; undefined where it is. */
export function lockoutOfSource(
  { alias, source, receivedAt }: RequestedIssue,
  failures: SourceFailures | undefined,
): Rejection | undefined {
  const until = failures?.lockedUntil ?? null;
  if (!isAfter(until, receivedAt)) return undefined;
  return rejected(
    'limits.lockout-of-source-at-alias',
    `too many wrong challenges of ${source} at alias ${alias.name}: refused until ${isoOf(until)}, or until an administrator unlocks it (limits.failedAttemptsPerSource)`,
  );
}

/** Why no challenge of this source is looked at for this end entity now; undefined where it is. */
export function lockoutOf(request: RequestedIssue, endEntity: EndEntityFacts): Rejection | undefined {
  const { username, sourceLockedUntil, lockedUntil } = endEntity;
  if (isAfter(sourceLockedUntil, request.receivedAt))
    return rejected(
      'limits.lockout-of-source',
      `too many failed attempts of ${request.source} for end entity ${username}: refused until ${isoOf(sourceLockedUntil)}, or until an administrator unlocks it`,
    );
  if (isAfter(lockedUntil, request.receivedAt))
    return rejected(
      'limits.lockout-of-end-entity',
      `too many failed attempts for end entity ${username} from all sources: refused until ${isoOf(lockedUntil)}, or until an administrator unlocks it`,
    );
  return undefined;
}

/** A refusal before anybody has looked at the challenge: only the administrator is told the reason. */
export function beforeChallenge({ error, ...rejection }: Rejection): Rejection {
  const { code, rule, explanation = error.publicDetail } = error;
  return {
    ...rejection,
    error: new ServiceError(code, REJECTED, { ...(rule !== undefined && { rule }), explanation }),
  };
}

/** The refusal of a challengePassword that is wrong. */
export const wrongChallenge = ({ rule, explanation, countsAsFailure, misuses, told }: WrongChallenge): Rejection => ({
  error: new ServiceError('challenge-rejected', told ?? REJECTED, { rule, explanation }),
  countsAsFailure,
  misuses,
});

/** The refusal of a request to another authority than the end entity's; undefined where it is that one. */
export function otherAuthority(request: RequestedIssue, endEntity: EndEntityFacts): Rejection | undefined {
  if (endEntity.authorityId === request.authority.id) return undefined;
  return {
    error: new ServiceError(
      'request-refused',
      'this user is registered for another authority than the one the request is encrypted to',
      {
        rule: 'end-entity.authority',
        explanation: `end entity ${endEntity.username} belongs to another authority than ${request.authority.name}, to which the request was encrypted; let the device use the right CA identifier`,
      },
    ),
    countsAsFailure: false,
  };
}

/** The refusal of a second certificate of the next generation; undefined where it is the first, or one of the current. */
export function secondShadow(request: RequestedIssue, endEntity: EndEntityFacts): Rejection | undefined {
  const { generation } = request;
  if (shadowStart(request) === undefined || endEntity.shadowGenerationId !== generation.id) return undefined;
  return {
    error: new ServiceError('request-refused', 'a certificate of the next CA was issued to this user already', {
      rule: 'rollover.certificate-given',
      explanation: `generation ${generation.number} of authority ${request.authority.name} has given end entity ${endEntity.username} its certificate, which only an equal request gets once more; revoke that one, or set the end entity to NEW, to let it have another`,
    }),
    countsAsFailure: false,
  };
}

const isAfter = (until: Date | null, now: Date): boolean => until !== null && until.getTime() > now.getTime();
const isoOf = (time: Date | null): string => time?.toISOString() ?? '';
