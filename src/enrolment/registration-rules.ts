import type { Alias } from '../aliases/alias';
import type { ExistingEndEntityRule } from '../aliases/ra-settings';
import type { Authority } from '../authorities/authority';
import type { ChallengeVerdict } from '../challenges/challenge';
import type { ChallengeKindName } from '../challenges/challenge-settings';
import { ServiceError } from '../common/service-error';
import { EndEntityStatus, isEnrolling, statusName } from '../end-entities/end-entity-status';
import type { CertificateProfile } from '../profiles/certificate-profile';
import type { EndEntityProfile } from '../profiles/end-entity-profile';
import { lockoutOfSource, type Rejection, secondShadow, usedUp, wrongChallenge } from './admission';
import type { EndEntityFacts, LatestFacts, RegistrationFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest, RequestedIssue } from './enrolment-request';
import type { Registration } from './registration';

/** What is known of whom a request in RA mode stands for. */
export type RegistrationCase = Pick<RegistrationFacts, 'endEntity' | 'latest' | 'sourceFailures'>;

/**
 * Decides whether a request may be registered and get a certificate; undefined means yes. Whoever knows the challenge is told
 * the reason.
 */
export function judgeRegistration(
  request: EnrolmentRequest,
  { endEntity, latest, sourceFailures }: RegistrationCase,
  verdict: ChallengeVerdict,
): Rejection | undefined {
  const lockout = lockoutOfSource(request, sourceFailures);
  if (lockout !== undefined) return lockout;
  if (!verdict.right) return wrongChallenge(verdict);
  return (
    authorityProblem(request) ??
    (endEntity && (existingProblem(request, endEntity, latest, verdict) ?? secondShadow(request, endEntity)))
  );
}

/** The refusal of a request to another CA than the one that the alias is for; undefined where it is that one. */
function authorityProblem({ alias, authority }: RequestedIssue): Rejection | undefined {
  const { authorityId } = alias.registers ?? {};
  if (authorityId === undefined || authorityId === authority.id) return undefined;
  return refused(
    'ra.authority',
    'certificates are issued by another CA here than the one that the request is encrypted to',
    `ra.authority of alias ${alias.name} is ${alias.ra.authority}, and the request was encrypted to ${authority.name}`,
  );
}

/** What there is against another certificate for an end entity that exists. */
function existingProblem(
  request: EnrolmentRequest,
  endEntity: EndEntityFacts,
  latest: LatestFacts | undefined,
  verdict: ChallengeVerdict,
): Rejection | undefined {
  const { alias } = request;
  const { username, status, registeringAliasId, remainingRequests } = endEntity;
  if (registeringAliasId !== alias.id)
    return refused(
      'ra.registered-elsewhere',
      TAKEN,
      `end entity ${username} was ${registeringAliasId === null ? 'registered by an administrator' : 'registered through another alias'}, and alias ${alias.name} gives certificates to those only that it registers itself: remove or rename the end entity, or let the device use the other way`,
    );
  if (isEnrolling(status)) return remainingRequests < 1 ? usedUp(username) : undefined;
  if (status !== EndEntityStatus.GENERATED)
    return refused(
      'end-entity.status',
      CLOSED,
      `end entity ${username} is in status ${statusName(status)}: set it to NEW to let it enrol again`,
    );
  return revokedProblem(username, latest) ?? ruleProblem(request, endEntity, latest, verdict);
}

function revokedProblem(username: string, latest: LatestFacts | undefined): Rejection | undefined {
  if (latest === undefined || latest.revokedAt === null) return undefined;
  return refused(
    'ra.revoked',
    CLOSED,
    `the latest certificate of end entity ${username} was revoked or put on hold at ${latest.revokedAt.toISOString()}: set the end entity to NEW to let it enrol again`,
  );
}

/** What there is by now against what an officer is asked for: neither what he decides about nor what was judged before. */
export function judgeRegistrationAgain(
  request: RequestedIssue,
  { username, status }: EndEntityFacts,
  latest: LatestFacts | undefined,
): Rejection | undefined {
  return (
    authorityProblem(request) ?? (status === EndEntityStatus.GENERATED ? revokedProblem(username, latest) : undefined)
  );
}

function ruleProblem(
  request: EnrolmentRequest,
  { username }: EndEntityFacts,
  latest: LatestFacts | undefined,
  verdict: ChallengeVerdict,
): Rejection | undefined {
  const rule = existingEndEntityRule(request.alias, verdict);
  switch (rule) {
    case 'approval':
    case 'reenrol':
      return undefined;
    case 'sameKey':
      if (latest?.publicKeyHash.equals(request.certificationRequest.publicKey.hash) === true) return undefined;
      return refused(
        'ra.existingEndEntity',
        TAKEN,
        `end entity ${username} has a certificate for another key, and ra.existingEndEntity is sameKey`,
      );
    case 'refuse':
      return refused(
        'ra.existingEndEntity',
        TAKEN,
        `end entity ${username} has a certificate, and ra.existingEndEntity is ${request.alias.ra.existingEndEntity}${request.alias.ra.existingEndEntity === 'refuse' ? '' : ', which is refuse for this challenge'}: renew the certificate, set the end entity to NEW, or change the setting`,
      );
  }
}

/** What the alias does with an end entity that has a certificate, for a request whose challenge is right. */
export function existingEndEntityRule(
  { ra, challenge }: Alias,
  verdict: ChallengeVerdict,
): Exclude<ExistingEndEntityRule, 'byChallenge'> {
  if (ra.existingEndEntity !== 'byChallenge') return ra.existingEndEntity;
  if (challenge.kind === 'approval') return 'approval';
  const isBound = verdict.right && (verdict.boundToDevice === true || JUDGES_THE_REQUEST.includes(challenge.kind));
  return isBound ? 'reenrol' : 'refuse';
}

/** Kinds of challenge that see the whole request, and so say which device gets what. */
const JUDGES_THE_REQUEST: readonly ChallengeKindName[] = ['webhook', 'intune'];

/**
 * What is registered for a request that {@link judgeRegistration} has nothing against.
 * @param username for an end entity that does not exist yet
 */
export function registrationOf(
  request: EnrolmentRequest,
  { endEntity, latest, freshId }: RegistrationFacts,
  username: string,
): { readonly endEntity: EndEntityFacts; readonly registration: Registration } {
  const { registers } = request.alias;
  if (registers === undefined || (endEntity === undefined && freshId === undefined))
    throw new Error(`alias ${request.alias.name} registers nobody`);
  const { certificateProfileId, endEntityProfileId } = registers;
  const profiles = { certificateProfileId, endEntityProfileId };
  if (endEntity !== undefined) return { endEntity, registration: { kind: 'again', ...profiles, latest } };
  const fresh: EndEntityFacts = {
    id: freshId ?? '',
    username,
    status: EndEntityStatus.NEW,
    subject: '',
    subjectAltNames: [],
    authorityId: request.authority.id,
    ...profiles,
    enrolmentCodeVerifier: null,
    remainingRequests: 1,
    lockedUntil: null,
    epoch: 0,
    sourceLockedUntil: null,
    failedAttempts: 0,
    latestSerialNumber: null,
    shadowGenerationId: null,
    openApprovals: 0,
    registeringAliasId: request.alias.id,
  };
  return { endEntity: fresh, registration: { kind: 'new', ...profiles, latest: undefined } };
}

/** What is registered anew of an end entity that has waited for an officer; undefined where the alias has not registered it. */
export function registrationAgain(
  alias: Alias,
  endEntity: EndEntityFacts,
  latest: LatestFacts | undefined,
): Registration | undefined {
  if (alias.registers === undefined || endEntity.registeringAliasId !== alias.id) return undefined;
  const { certificateProfileId, endEntityProfileId } = alias.registers;
  return { kind: 'again', certificateProfileId, endEntityProfileId, latest };
}

/**
 * Refuses what the end entity profile does not allow. Of an end entity that an administrator registers it is checked then.
 * @throws ServiceError `request-refused`
 */
export function refuseUnallowed(
  { name, authorities, certificateProfiles }: Pick<EndEntityProfile, 'name' | 'authorities' | 'certificateProfiles'>,
  profile: Pick<CertificateProfile, 'name'>,
  authority: Pick<Authority, 'name'>,
): void {
  const unallowed = (rule: string, what: string): ServiceError =>
    new ServiceError('request-refused', 'nobody can be registered here at the moment: ask the administrator', {
      rule,
      explanation: `end entity profile ${name}, which is ra.endEntityProfile, does not allow ${what}`,
    });
  if (authorities.length > 0 && !authorities.includes(authority.name))
    throw unallowed('end-entity-profile.authorities', `authority ${authority.name}`);
  if (certificateProfiles.length > 0 && !certificateProfiles.includes(profile.name))
    throw unallowed('end-entity-profile.certificate-profiles', `certificate profile ${profile.name}`);
}

const TAKEN =
  'this name has a certificate or belongs to someone else already: renew the certificate with its own key, or ask the administrator';

const CLOSED = 'this name gets no certificate any more: ask the administrator';

const refused = (rule: string, detail: string, explanation: string): Rejection => ({
  error: new ServiceError('request-refused', detail, { rule, explanation }),
  countsAsFailure: false,
});
