import { missingAuthenticator } from '../../challenges/challenge-settings';
import { needsOf, type Check } from '../alias-under-examination';
import { changeAlias, shellWord, type Finding } from '../finding';

/** What authenticates requests. */
export const challenge: Check = (alias) => {
  const { name, settings } = alias;
  const findings: Finding[] = missingAuthenticator(settings).map(({ field }) => ({
    level: 'error',
    rule: 'challenge.missing',
    what: `Nothing is set in ${field}, so there is nothing that could authenticate a request.`,
    why: 'The alias cannot be enabled so.',
    mend: 'Set it; the command asks for the secret.',
    commands: [`scep-gateway alias change ${shellWord(name)} --secret ${field}`],
  }));
  const waits = settings.challenge.kind === 'approval' || settings.approval.enrolment;
  if (waits && needsOf(alias).cannotPoll === true)
    findings.push({
      level: 'error',
      rule: 'approval.client-cannot-wait',
      what: 'An officer has to approve each enrolment, and these devices do not wait.',
      why: 'They take PENDING for a failure and never ask again.',
      mend: 'Let something else than an officer decide.',
      commands: [
        settings.challenge.kind === 'approval'
          ? changeAlias(name, 'challenge.kind=end-entity')
          : changeAlias(name, 'approval.enrolment=false'),
      ],
    });
  return findings;
};
