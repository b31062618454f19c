import { needsOf, type AliasUnderExamination, type Check } from '../alias-under-examination';
import { changeAlias, inWords, shellWord, type Finding } from '../finding';

/** Whether the keys that the clients make are certified. */
export const clientKeys: Check = (alias) => {
  const { keys } = needsOf(alias);
  if (keys === undefined) return [];
  return [
    ...(keys.largestRsaBits === undefined ? [] : tooSmall(alias, keys.largestRsaBits)),
    ...(keys.types.includes('rsa') ? [] : ecOnly(alias)),
  ];
};

function tooSmall(alias: AliasUnderExamination, largest: number): Finding[] {
  const findings: Finding[] = [];
  const why = `The devices of this profile make RSA keys of ${largest} bits at most, and each request is refused.`;
  if (alias.settings.algorithms.accept.minimumRsaBits > largest)
    findings.push({
      level: 'error',
      rule: 'keys.alias-minimum',
      what: `The alias demands RSA keys of ${alias.settings.algorithms.accept.minimumRsaBits} bits.`,
      why,
      mend: 'Accept what they can make, in an alias of their own.',
      commands: [changeAlias(alias.name, `algorithms.accept.minimumRsaBits=${largest}`)],
    });
  const profiles = alias.certificateProfiles.filter(({ minimumRsaBits }) => minimumRsaBits > largest);
  if (profiles.length > 0)
    findings.push({
      level: 'error',
      rule: 'keys.profile-minimum',
      what: `The certificate profile ${inWords(profiles.map(({ name }) => name))} demands larger RSA keys.`,
      why,
      mend: 'Give their end entities a certificate profile of their own.',
      commands: [
        `scep-gateway profile certificate create ${shellWord(`${alias.name}-devices`)} --set minimumRsaBits=${largest}`,
        `scep-gateway end-entity change USERNAME --certificate-profile ${shellWord(`${alias.name}-devices`)}`,
      ],
    });
  return findings;
}

function ecOnly(alias: AliasUnderExamination): Finding[] {
  const findings: Finding[] = [];
  const why = 'The devices of this profile make EC keys only, and each request is refused.';
  if (alias.settings.algorithms.accept.ecCurves.length === 0)
    findings.push({
      level: 'error',
      rule: 'keys.no-curves',
      what: 'The alias accepts no EC keys.',
      why,
      mend: 'Accept their curves.',
      commands: [`scep-gateway alias change ${shellWord(alias.name)} --unset algorithms.accept.ecCurves`],
    });
  const profiles = alias.certificateProfiles.filter(({ keyAlgorithms }) => !keyAlgorithms.includes('ec'));
  if (profiles.length > 0)
    findings.push({
      level: 'error',
      rule: 'keys.profile-algorithm',
      what: `The certificate profile ${inWords(profiles.map(({ name }) => name))} certifies no EC keys.`,
      why,
      mend: 'Allow them.',
      commands: profiles.map(
        ({ name }) => `scep-gateway profile certificate change ${shellWord(name)} --set keyAlgorithms=rsa,ec`,
      ),
    });
  return findings;
}
