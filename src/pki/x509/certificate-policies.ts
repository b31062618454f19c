import { ia5String, oid as encodeOid, sequence } from '../der/der-writer';
import type { Extension } from './extension';
import { Oid } from './oid';

/** A policy under which a certificate was issued (RFC 5280 section 4.2.1.4). */
export interface CertificatePolicy {
  /** Dotted object identifier. */
  readonly oid: string;
  /** URI of the certification practice statement. */
  readonly practiceStatement?: string;
}

/** certificatePolicies with these, in the given order, none of them twice. */
export function certificatePolicies(policies: readonly CertificatePolicy[]): Extension {
  const information = policies.map(({ oid, practiceStatement }) =>
    practiceStatement === undefined
      ? sequence(encodeOid(oid))
      : sequence(
          encodeOid(oid),
          sequence(sequence(encodeOid(Oid.certificationPracticeStatement), ia5String(practiceStatement))),
        ),
  );
  return { oid: Oid.certificatePolicies, critical: false, value: sequence(...information) };
}
