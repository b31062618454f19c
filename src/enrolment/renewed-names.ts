import { attributeOid } from '../pki/x509/attribute-type';
import type { Certificate } from '../pki/x509/certificate';
import type { CertificationRequest } from '../pki/x509/certification-request';
import { comparableName } from '../pki/x509/comparable-name';
import type { GeneralName } from '../pki/x509/general-name';
import { issuedAltNames, requestedAltNames } from './certificate-template';

/**
 * Whether a request for a renewal asks for the subject that was issued, by RFC 5280 section 7.1.
 * @param ignored attributes that do not count, by name or dotted
 */
export function asksForSameSubject(
  request: CertificationRequest,
  renewed: Certificate,
  ignored: readonly string[],
): boolean {
  const oids = ignored.map(attributeOid).filter((oid) => oid !== undefined);
  return request.subject.normalisedWithout(oids) === renewed.subject.normalisedWithout(oids);
}

/**
 * A subjectAltName that a request asks for and that was not issued; undefined where there is none. To ask for fewer than
 * were issued, or for none, is to ask for nothing new: many clients do not repeat them.
 * @throws ServiceError `malformed-message`
 */
export function unissuedAltName(request: CertificationRequest, renewed: Certificate): GeneralName | undefined {
  const asked = requestedAltNames(request) ?? [];
  if (asked.length === 0) return undefined;
  const issued = new Set(issuedAltNames(renewed).map(comparableName));
  return asked.find((name) => !issued.has(comparableName(name)));
}
