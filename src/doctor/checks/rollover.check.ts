import type { Check } from '../alias-under-examination';
import { changeAlias, shellWord, type Finding } from '../finding';

/** Where a rollover of the alias's authorities stands, and whether devices notice. */
export const rollover: Check = ({ name: alias, authorities, settings, now }) =>
  authorities.flatMap(({ name, next, previous }) => {
    const findings: Finding[] = [];
    if (next !== undefined)
      findings.push(
        settings.rollover.enabled
          ? {
              level: 'note',
              rule: 'rollover.planned',
              what: `The next certificate of ${name} is there; its turn comes from ${next.startsAt.toISOString()} on.`,
              why: 'Devices that ask by GetNextCACert get it, and certificates of the next CA with it. All others have to be given it before its turn.',
              mend: 'Distribute it to devices that do not ask. The switch is made at the set time, or by hand.',
              commands: [`scep-gateway authority rollover activate ${shellWord(name)}`],
            }
          : {
              level: 'warning',
              rule: 'rollover.silent',
              what: `${name} has a next certificate that this alias keeps silent about.`,
              why: 'rollover.enabled is false: GetNextCACert is refused, and after the switch devices meet a CA that they do not know.',
              mend: 'Let devices be told, unless they all are given the next CA certificate in another way.',
              commands: [changeAlias(alias, 'rollover.enabled=true')],
            },
      );
    if (previous !== undefined && now < previous.opensUntil)
      findings.push({
        level: 'note',
        rule: 'rollover.overlap',
        what: `${name} was rolled over. Messages to the former certificate are opened until ${previous.opensUntil.toISOString()}.`,
        why: 'After that, devices that still have the former CA certificate are refused.',
        mend: 'Have them fetch the present one by GetCACert.',
        commands: [],
      });
    return findings;
  });
