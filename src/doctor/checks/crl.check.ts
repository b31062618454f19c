import { isLoopback } from '../../config/listener-protection';
import { GATEWAYS_OWN } from '../../profiles/location';
import type { AliasUnderExamination, Check, ExaminedCertificateProfile } from '../alias-under-examination';
import { inWords, shellWord, type Finding } from '../finding';

/** Whether the places of CRLs that certificates name lead anywhere. Nothing is fetched: `places.ts` says what could be. */
export const crl: Check = (alias) => [
  ...ownPlace(alias),
  ...alias.certificateProfiles.flatMap((profile) => profileOf(profile)),
];

function ownPlace({ certificateProfiles, authorities, now }: AliasUnderExamination): Finding[] {
  if (!certificateProfiles.some((profile) => profile.crlDistributionPoints.includes(GATEWAYS_OWN))) return [];
  return authorities.flatMap(({ name, crl: newest }): Finding[] => {
    if (newest !== undefined && now < newest.nextUpdate) return [];
    return [
      {
        level: 'error',
        rule: newest === undefined ? 'crl.missing' : 'crl.outdated',
        what:
          newest === undefined
            ? `There is no CRL of ${name}.`
            : `The newest CRL of ${name} was good until ${newest.nextUpdate.toISOString()}.`,
        why: 'Certificates say that it is to be had here; who checks them, and cannot, may take them for invalid.',
        mend: "Issue one, and look into the gateway's log for what keeps the job from it.",
        commands: [`scep-gateway authority crl ${shellWord(name)}`],
      },
    ];
  });
}

function profileOf({ name, crlDistributionPoints }: ExaminedCertificateProfile): Finding[] {
  const change = `scep-gateway profile certificate change ${shellWord(name)} --set crlDistributionPoints=${GATEWAYS_OWN}`;
  if (crlDistributionPoints.length === 0)
    return [
      {
        level: 'note',
        rule: 'crl.no-place',
        what: `Certificates by the profile ${name} do not say where their CRL is.`,
        why: 'Who is to check them has to be told of the CRL in another way.',
        mend: 'Name this gateway as the place, if anyone is to check them.',
        commands: [change],
      },
    ];
  const foreign = crlDistributionPoints.filter((place) => place !== GATEWAYS_OWN);
  const lost = foreign.filter((place) => URL.canParse(place) && isLoopback(new URL(place).hostname));
  const secured = foreign.filter((place) => /^(https|ldaps):/i.test(place));
  const findings: Finding[] = [];
  if (lost.length > 0)
    findings.push({
      level: 'warning',
      rule: 'crl.loopback',
      what: `The profile ${name} names ${inWords(lost)} as the place of the CRL.`,
      why: 'That leads everyone to their own machine.',
      mend: 'Name a place that others reach.',
      commands: [change],
    });
  if (secured.length > 0)
    findings.push({
      level: 'note',
      rule: 'crl.over-tls',
      what: `The profile ${name} names ${inWords(secured)} as the place of the CRL.`,
      why: 'Checking the certificate of that server may need the very same CRL, so many clients do not fetch it (RFC 5280 section 8).',
      mend: 'Serve CRLs by plain http: they are signed.',
      commands: [change],
    });
  return findings;
}
