import type { Check } from '../alias-under-examination';
import { shellWord } from '../finding';

/** Whether there is anyone to enrol. */
export const endEntities: Check = ({ settings, authorities, hasEnrollingEndEntity }) => {
  if (settings.operationalMode !== 'CA' || hasEnrollingEndEntity) return [];
  const [authority] = authorities;
  return [
    {
      level: 'note',
      rule: 'end-entity.none',
      what: 'No end entity of the authorities of this alias may enrol.',
      why: 'In CA mode a device enrols only where somebody has registered it, and it then has the status NEW.',
      mend: 'Register one, or let one in again.',
      commands: [
        `scep-gateway end-entity create USERNAME${authority === undefined ? '' : ` --authority ${shellWord(authority.name)}`}`,
        'scep-gateway end-entity status USERNAME NEW',
      ],
    },
  ];
};
