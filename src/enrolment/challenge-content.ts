import type { ChallengeContent } from '../challenges/challenge';
import { ServiceError } from '../common/service-error';
import type { CertificateProfile } from '../profiles/certificate-profile';
import type { EndEntityProfile } from '../profiles/end-entity-profile';
import type { Profiles } from '../profiles/profile-catalogue';
import type { Rejection } from './admission';
import type { Verdicts } from './challenge-judgement';

/** What the judge of the challenge puts into the certificate; undefined where he puts in nothing. */
export const contentOf = ({ latest }: Verdicts): ChallengeContent | undefined =>
  latest?.right === true ? latest.content : undefined;

/**
 * Why values that were put in cannot be obeyed: an officer approves what the request says, and a renewal is for what was
 * issued before. Undefined where they can.
 */
export function contentProblem(
  content: ChallengeContent | undefined,
  waits: boolean,
  isRenewal: boolean,
): Rejection | undefined {
  if (content === undefined || (!waits && !isRenewal)) return undefined;
  return {
    error: refusedContent(
      isRenewal
        ? 'it puts values into a renewal, which is for the names that were issued before'
        : 'it puts values in, and an officer is to approve the request, who would not see them',
    ),
    countsAsFailure: false,
  };
}

/**
 * The certificate profile that was put in.
 * @throws ServiceError `request-refused` where there is none of that name, or the end entity is not to have it
 */
export function profileOfContent(
  profiles: Profiles,
  endEntityProfile: EndEntityProfile,
  name: string,
): CertificateProfile {
  const profile = profiles.certificateProfileByName(name);
  if (profile === undefined) throw refusedContent('it names a certificate profile that does not exist');
  const { certificateProfiles } = endEntityProfile;
  if (certificateProfiles.length > 0 && !certificateProfiles.includes(profile.name))
    throw refusedContent(
      `it names certificate profile ${profile.name}, which end entity profile ${endEntityProfile.name} does not allow`,
    );
  return profile;
}

const refusedContent = (why: string): ServiceError =>
  new ServiceError('request-refused', 'what the challenge puts into the certificate cannot be issued', {
    rule: 'challenge.content',
    explanation: `what the challenge puts in cannot be obeyed: ${why}`,
  });
