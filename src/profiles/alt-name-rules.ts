import type { CertificateProfileSettings } from './certificate-profile';

/** The part of a certificate profile that limits subjectAltNames. */
export type AltNameRules = Pick<
  CertificateProfileSettings,
  'requiredSubjectAltNames' | 'maximumSubjectAltNames' | 'allowedDomains'
>;

/** What a certificate profile has against the subjectAltNames of a certificate; undefined if nothing. */
export function altNamesProblem(
  { requiredSubjectAltNames, maximumSubjectAltNames, allowedDomains }: AltNameRules,
  names: readonly { readonly type: string; readonly value: string }[],
): string | undefined {
  if (names.length > maximumSubjectAltNames)
    return `there are ${names.length} subjectAltNames, and ${maximumSubjectAltNames} are allowed here`;
  const missing = requiredSubjectAltNames.find((type) => !names.some((name) => name.type === type));
  if (missing !== undefined) return `a subjectAltName of type ${missing} is missing`;
  if (allowedDomains.length === 0) return undefined;
  const outside = names.find((name) => !isWithin(allowedDomains, name));
  return outside && `a subjectAltName of type ${outside.type} lies in none of the domains that are allowed here`;
}

function isWithin(domains: readonly string[], name: { readonly type: string; readonly value: string }): boolean {
  const host = hostOf(name);
  if (host === undefined) return true;
  const lower = host.toLowerCase();
  return domains.some((domain) => lower === domain.toLowerCase() || lower.endsWith(`.${domain.toLowerCase()}`));
}

/** The host in a name; undefined for names without any, '' where it cannot be found. */
function hostOf({ type, value }: { readonly type: string; readonly value: string }): string | undefined {
  switch (type) {
    case 'dns':
      // A wildcard stands for the hosts of its domain.
      return value.replace(/^\*\./, '');
    case 'email':
    case 'upn':
      return value.slice(value.lastIndexOf('@') + 1);
    case 'uri':
      if (!URL.canParse(value)) return '';
      // urn:uuid:… has none.
      return new URL(value).hostname || undefined;
    default:
      return undefined;
  }
}
