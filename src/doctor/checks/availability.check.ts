import type { Check } from '../alias-under-examination';
import { changeAlias, inWords, shellWord, type Finding } from '../finding';

/** Whether there is anything at all to answer with. */
export const availability: Check = ({ name, settings, authorities, unavailableAuthorities, certificateProfiles }) => {
  const findings: Finding[] = [];
  if (!settings.enabled)
    findings.push({
      level: 'error',
      rule: 'alias.disabled',
      what: 'The alias is disabled.',
      why: 'To devices it is as if it did not exist: HTTP 404 to whatever they ask.',
      mend: 'Enable it once the other findings are mended.',
      commands: [changeAlias(name, 'enabled=true')],
    });
  if (unavailableAuthorities.length > 0)
    findings.push({
      level: authorities.length === 0 ? 'error' : 'warning',
      rule: 'authority.unavailable',
      what: `${inWords(unavailableAuthorities)} cannot answer.`,
      why: "Its certificate is still to come from the CA above it, an RA certificate is missing, or its key cannot be opened: the gateway's log tells which.",
      mend: 'Hand in the certificate, or see to the key.',
      commands: unavailableAuthorities.map((authority) => `scep-gateway authority show ${shellWord(authority)}`),
    });
  const disabled = certificateProfiles.filter(({ enabled }) => !enabled).map((profile) => profile.name);
  if (disabled.length > 0)
    findings.push({
      level: disabled.length === certificateProfiles.length ? 'error' : 'warning',
      rule: 'certificate-profile.disabled',
      what: `Certificates by the profile ${inWords(disabled)} are not issued, for it is disabled.`,
      why: 'Requests of end entities that have such a profile are refused.',
      mend: 'Enable the profile, or give the end entities another.',
      commands: disabled.map(
        (profile) => `scep-gateway profile certificate change ${shellWord(profile)} --set enabled=true`,
      ),
    });
  return findings;
};
