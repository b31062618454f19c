import type { CertificatePolicy } from '../pki/x509/certificate-policies';
import { isObjectIdentifier } from './key-purpose';
import { isWebLocation } from './location';

/** How {@link parseCertificatePolicy} wants its text, for messages. */
export const POLICY_NOTATION =
  'must be the dotted identifier of a policy, with or without the URI of its practice statement: 1.3.6.1.4.1.99999.1=https://example.com/cps';

/** Reads one entry of the setting `certificatePolicies`; undefined if the text is none. */
export function parseCertificatePolicy(text: string): CertificatePolicy | undefined {
  const [, oid = '', practiceStatement] = /^\s*([^=\s]+)\s*(?:=\s*(\S+)\s*)?$/.exec(text) ?? [];
  if (!isObjectIdentifier(oid)) return undefined;
  if (practiceStatement === undefined) return { oid };
  return isWebLocation(practiceStatement) ? { oid, practiceStatement } : undefined;
}
