import type { AliasUnderExamination, Check } from './alias-under-examination';
import { algorithms } from './checks/algorithms.check';
import { availability } from './checks/availability.check';
import { caCertificates } from './checks/ca-certificates.check';
import { caNames } from './checks/ca-names.check';
import { capabilities } from './checks/capabilities.check';
import { challenge } from './checks/challenge.check';
import { clientKeys } from './checks/client-keys.check';
import { crl } from './checks/crl.check';
import { endEntities } from './checks/end-entities.check';
import { expiry } from './checks/expiry.check';
import { keyUsage } from './checks/key-usage.check';
import { operationalMode } from './checks/operational-mode.check';
import { publicUrl } from './checks/public-url.check';
import { raCertificates } from './checks/ra-certificates.check';
import { rollover } from './checks/rollover.check';
import { FINDING_LEVELS, type Finding } from './finding';

/** In the order in which findings of one level are told. */
const CHECKS: readonly Check[] = [
  availability,
  operationalMode,
  challenge,
  keyUsage,
  raCertificates,
  caCertificates,
  expiry,
  rollover,
  algorithms,
  capabilities,
  clientKeys,
  caNames,
  publicUrl,
  crl,
  endEntities,
];

/** Judges an alias: all that would go wrong, the worst first. */
export function examine(alias: AliasUnderExamination): readonly Finding[] {
  const findings = CHECKS.flatMap((check) => check(alias));
  return FINDING_LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level));
}
