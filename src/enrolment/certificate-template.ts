import type { CertificateTemplate } from '../authorities/issue-certificate';
import type { ChallengeContent } from '../challenges/challenge';
import type { FieldProblem } from '../common/checked-input';
import { ServiceError } from '../common/service-error';
import { DerError } from '../pki/der/der-error';
import type { Certificate } from '../pki/x509/certificate';
import { certificatePolicies } from '../pki/x509/certificate-policies';
import type { CertificationRequest } from '../pki/x509/certification-request';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { basicConstraints, type Extension, subjectAltName } from '../pki/x509/extension';
import { type GeneralName, readGeneralNames } from '../pki/x509/general-name';
import { Oid } from '../pki/x509/oid';
import { altNamesProblem } from '../profiles/alt-name-rules';
import type { CertificateProfile } from '../profiles/certificate-profile';
import { contentProblems, type EndEntityNames, profiledNames } from '../profiles/end-entity-content';
import type { EndEntityProfile } from '../profiles/end-entity-profile';
import { after, before } from '../profiles/period';
import { type NameSwitches, refuseUnreadableSubject, withCopiedNames } from './device-names';
import { extendedKeyUsageOf, keyUsageOf } from './key-usages';
import { checkProfileKey } from './profile-key';
import { readRequested } from './requested-extension';

/** Everything about the certificate but its serial number and the authority's own extensions. */
export type TemplateOfEnrolment = Omit<CertificateTemplate, 'serialNumber'>;

/** Whose names are issued, and by which rules. */
export interface TemplateInput {
  readonly subjectSource: 'registered' | 'request';
  readonly request: CertificationRequest;
  readonly registered: {
    readonly subject: string;
    readonly subjectAltNames: readonly { readonly type: string; readonly value: string }[];
  };
  /** The certificate that is renewed, if it is: its names stand for those of the request. */
  readonly renewed?: Certificate | undefined;
  readonly certificateProfile: CertificateProfile;
  readonly endEntityProfile: EndEntityProfile;
  /** What the judge of the challenge puts in, in place of either. */
  readonly content?: Pick<ChallengeContent, 'subject' | 'subjectAltNames'> | undefined;
  /** Of the alias. */
  readonly deviceProfile: NameSwitches;
  readonly now: Date;
}

/**
 * Applies the profiles: what the certificate will say. Only what a profile names gets from a request into a certificate;
 * every other requested extension is left out.
 * @throws ServiceError `request-refused` or `key-not-allowed`, naming the rule
 */
export function certificateTemplate(input: TemplateInput): TemplateOfEnrolment {
  const { certificateProfile: profile, request, now } = input;
  if (!profile.enabled)
    throw new ServiceError('request-refused', 'certificates of this kind are not issued at the moment', {
      rule: 'certificate-profile.enabled',
      explanation: `certificate profile ${profile.name} is disabled`,
    });
  checkProfileKey(profile, request.publicKey);
  const { subject, subjectAltNames } = namesOf(input);
  refuseUnreadableSubject(input.deviceProfile, subject);
  const altNamesRefusal = altNamesProblem(profile, subjectAltNames);
  if (altNamesRefusal !== undefined)
    throw new ServiceError('request-refused', altNamesRefusal, {
      rule: 'certificate-profile.subject-alt-names',
      explanation: `${altNamesRefusal} (certificate profile ${profile.name})`,
    });
  const notBefore = before(now, profile.backdatePeriod);
  return {
    subject,
    spki: request.publicKey.spki,
    notBefore,
    notAfter: after(now, profile.validityPeriod),
    extensions: [
      ...(profile.basicConstraints ? [basicConstraints(false)] : []),
      ...keyUsageOf(profile, request),
      ...extendedKeyUsageOf(profile, request),
      ...(profile.policies.length > 0 ? [certificatePolicies(profile.policies)] : []),
      ...(subjectAltNames.length > 0 ? [altNameExtension(subjectAltNames, subject.isEmpty)] : []),
    ],
  };
}

function namesOf(input: TemplateInput): EndEntityNames<GeneralName> {
  const { endEntityProfile, content, subjectSource, renewed } = input;
  const wished = wishedNames(input);
  if (content?.subject !== undefined || content?.subjectAltNames !== undefined)
    return filledNames(endEntityProfile, {
      subject: content.subject ?? wished.subject,
      subjectAltNames: content.subjectAltNames ?? wished.subjectAltNames,
    });
  // They were checked when the end entity was registered.
  if (subjectSource === 'registered') return wished;
  // A renewal leaves the names as they were issued: nothing is filled in.
  if (renewed !== undefined) return allowedNames(endEntityProfile, wished, contentProblems(endEntityProfile, wished));
  return filledNames(endEntityProfile, wished);
}

/** Before the end entity profile has looked at them. */
function wishedNames(input: TemplateInput): EndEntityNames<GeneralName> {
  if (input.subjectSource === 'registered') {
    const subject = DistinguishedName.parse(input.registered.subject);
    const registered = input.registered.subjectAltNames as readonly GeneralName[];
    return { subject, subjectAltNames: withCopiedNames(input.deviceProfile, subject, registered) };
  }
  const { subject } = input.renewed ?? input.request;
  const types: readonly string[] = input.certificateProfile.requestedSubjectAltNames;
  const altNames = input.renewed === undefined ? requestedAltNames(input.request) : issuedAltNames(input.renewed);
  // Nothing is copied from a request's subject: who judged the request, a bound challenge or the customer's service, has
  // seen no such subjectAltName.
  return { subject, subjectAltNames: (altNames ?? []).filter(({ type }) => types.includes(type)) };
}

function filledNames(profile: EndEntityProfile, asked: EndEntityNames<GeneralName>): EndEntityNames<GeneralName> {
  refuseMisleading(asked.subject, asked.subjectAltNames);
  const { problems, ...names } = profiledNames(profile, asked);
  return allowedNames(profile, names, problems);
}

function allowedNames(
  { name }: EndEntityProfile,
  names: EndEntityNames<GeneralName>,
  [problem]: readonly FieldProblem[],
): EndEntityNames<GeneralName> {
  if (problem === undefined) return names;
  throw new ServiceError('request-refused', `the requested ${problem.field} is not allowed: ${problem.message}`, {
    rule: 'end-entity-profile.names',
    explanation: `end entity profile ${name}: ${problem.field}: ${problem.message}`,
  });
}

/** Control characters, line ends and what turns the direction of writing: a name with them is read as another one. */
const MISLEADING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function refuseMisleading(subject: DistinguishedName, altNames: readonly GeneralName[]): void {
  if ([...textsOf(subject), ...altNames.flatMap(textsOfAltName)].some((text) => MISLEADING.test(text)))
    throw new ServiceError('request-refused', 'the subject or a subjectAltName has characters that cannot be seen', {
      rule: 'request.subject-characters',
    });
}

const textsOf = ({ rdns }: DistinguishedName): string[] => rdns.flat().map(({ value }) => value);

function textsOfAltName({ type, value }: GeneralName): string[] {
  if (type !== 'directoryName') return [value];
  try {
    return textsOf(DistinguishedName.parse(value));
  } catch (error) {
    // Reading takes what writing does not: it is refused when it is written.
    if (error instanceof DerError) return [];
    throw error;
  }
}

/** RFC 5280 section 4.2.1.6: critical where the subject is empty. */
function altNameExtension(names: readonly GeneralName[], critical: boolean): Extension {
  try {
    return subjectAltName(names, critical);
  } catch (cause) {
    // Reading takes what writing does not, such as an umlaut in a mail address.
    if (!(cause instanceof DerError)) throw cause;
    throw new ServiceError('request-refused', 'a subjectAltName of the request has no valid encoding', {
      rule: 'request.subject-alt-names',
      explanation: cause.message,
      cause,
    });
  }
}

/**
 * The subjectAltNames that a request asks for; undefined where it asks for none.
 * @throws ServiceError `malformed-message`
 */
export function requestedAltNames(request: CertificationRequest): readonly GeneralName[] | undefined {
  return readRequested(request, Oid.subjectAltName, readGeneralNames);
}

/** The subjectAltNames of a certificate that this gateway issued. */
export function issuedAltNames(certificate: Certificate): readonly GeneralName[] {
  const value = certificate.extension(Oid.subjectAltName);
  return value === undefined ? [] : readGeneralNames(value);
}
