import { ALIAS_SECRET_FIELDS } from '../../aliases/alias-secrets';
import type { AliasSettings } from '../../aliases/alias';
import { missingAuthenticator } from '../../challenges/challenge-settings';
import { needsOf, type Check } from '../alias-under-examination';
import { changeAlias, shellWord, type Finding } from '../finding';

const SECRETS: readonly string[] = ALIAS_SECRET_FIELDS;

/** What authenticates requests. */
export const challenge: Check = (alias) => {
  const { name, settings } = alias;
  // In RA mode nobody is registered beforehand, so there are no enrolment codes.
  const otherKind = changeAlias(
    name,
    `challenge.kind=${settings.operationalMode === 'RA' ? 'one-time' : 'end-entity'}`,
  );
  const findings: Finding[] = missingAuthenticator(settings).map(({ field }) => ({
    level: 'error',
    rule: 'challenge.missing',
    what: `Nothing is set in ${field}, so there is nothing that could authenticate a request.`,
    why: 'The alias cannot be enabled so.',
    mend: 'Set it. Secrets are asked for.',
    commands: [
      SECRETS.includes(field)
        ? `scep-gateway alias change ${shellWord(name)} --secret ${field}`
        : `scep-gateway alias change ${shellWord(name)} --set ${field}=…`,
    ],
  }));
  if (settings.challenge.kind === 'open')
    findings.push({
      level: 'warning',
      rule: 'challenge.open',
      what: 'Nothing authenticates a request: whoever can reach this alias gets a certificate.',
      why: 'challenge.kind is open. The certificate bears the name that the request asks for, or that of any end entity that may enrol.',
      mend: 'Choose another kind of challenge, or keep strangers from the alias by other means.',
      commands: [otherKind],
    });
  if (needsOf(alias).cannotPoll === true) findings.push(...whereTheyWait(name, settings, otherKind));
  return findings;
};

/** The settings by which an officer is to approve enrolments of devices that do not wait for him. */
function whereTheyWait(name: string, settings: AliasSettings, otherKind: string): Finding[] {
  const {
    challenge: { kind },
    approval,
    operationalMode,
    ra,
  } = settings;
  const mends = [
    ...(kind === 'approval' ? [otherKind] : []),
    ...(approval.enrolment ? [changeAlias(name, 'approval.enrolment=false')] : []),
    ...(operationalMode === 'RA' && ra.existingEndEntity === 'approval'
      ? [changeAlias(name, 'ra.existingEndEntity=byChallenge')]
      : []),
  ];
  if (mends.length === 0) return [];
  return [
    {
      level: 'error',
      rule: 'approval.client-cannot-wait',
      what: 'An officer has to approve enrolments, and these devices do not wait.',
      why: 'They take PENDING for a failure and never ask again.',
      mend: 'Let something else than an officer decide.',
      commands: mends,
    },
  ];
}
