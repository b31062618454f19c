import type { Alias } from '../aliases/alias';
import { templateKey } from '../aliases/alias-template';
import { ServiceError } from '../common/service-error';
import { DerError } from '../pki/der/der-error';
import type { CertificationRequest } from '../pki/x509/certification-request';
import { requestedTemplates } from '../pki/x509/requested-template';
import type { CertificateProfile } from '../profiles/certificate-profile';
import type { EndEntityProfile } from '../profiles/end-entity-profile';
import type { EndEntityFacts } from './enrolment-facts.reader';

/** By which certificate profile a certificate is issued. */
export interface ProfileChoice {
  readonly certificateProfileId: number;
  /** The template that has chosen it; undefined where it is the end entity's own. */
  readonly template: string | undefined;
}

/** What the choice depends on. */
export interface TemplateCase {
  readonly alias: Pick<Alias, 'templateProfiles'>;
  readonly request: Pick<CertificationRequest, 'extensions'>;
  readonly endEntity: Pick<EndEntityFacts, 'certificateProfileId'>;
  /** For a renewal: the template by which the renewed certificate was issued, null for none. Undefined for an enrolment. */
  readonly renewedTemplate: string | null | undefined;
}

/**
 * Chooses the certificate profile: that of a template which the request names and the alias knows, else the end entity's.
 * A template that the alias does not know says nothing, as with NDES, which chooses by itself, and EJBCA. A renewal keeps
 * the template of the certificate that it renews, whatever it asks for: nothing but the old key speaks for it.
 * @throws ServiceError `malformed-message` where the alias knows templates and the request's cannot be read
 */
export function chooseProfile({ alias, request, endEntity, renewedTemplate }: TemplateCase): ProfileChoice {
  const { templateProfiles } = alias;
  const candidates =
    templateProfiles.size === 0 ? [] : renewedTemplate === undefined ? readTemplates(request) : [renewedTemplate];
  for (const candidate of candidates) {
    const known = candidate === null ? undefined : templateProfiles.get(templateKey(candidate));
    if (known !== undefined) return known;
  }
  return { certificateProfileId: endEntity.certificateProfileId, template: undefined };
}

/**
 * A template must not get an end entity what its profile keeps from it.
 * @throws ServiceError `request-refused`
 */
export function refuseOtherProfile(
  { name, certificateProfiles }: Pick<EndEntityProfile, 'name' | 'certificateProfiles'>,
  chosen: Pick<CertificateProfile, 'name'>,
  template: string,
): void {
  if (certificateProfiles.length === 0 || certificateProfiles.includes(chosen.name)) return;
  throw new ServiceError('request-refused', 'this user gets no certificate by the template that the request names', {
    rule: 'end-entity-profile.certificate-profiles',
    explanation: `template ${template} stands for certificate profile ${chosen.name}, which end entity profile ${name} does not allow`,
  });
}

function readTemplates(request: TemplateCase['request']): readonly string[] {
  try {
    return requestedTemplates(request);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new ServiceError('malformed-message', 'the certificate template of the request cannot be read', {
      rule: 'request.template',
      explanation: cause.message,
      cause,
    });
  }
}
