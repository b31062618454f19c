import { needsOf, type Check } from '../alias-under-examination';
import { changeAlias } from '../finding';

/** Whether the clients can work in the mode of the alias. */
export const operationalMode: Check = (alias) => {
  if (needsOf(alias).operationalMode !== 'CA' || alias.settings.operationalMode === 'CA') return [];
  return [
    {
      level: 'error',
      rule: 'alias.operational-mode',
      what: 'The alias is in RA mode.',
      why: 'The devices of this profile can only enrol with the CA itself, as end entities that are registered beforehand.',
      mend: 'Set CA mode, and register them.',
      commands: [
        changeAlias(alias.name, 'operationalMode=CA', 'challenge.kind=end-entity'),
        'scep-gateway end-entity create USERNAME',
      ],
    },
  ];
};
