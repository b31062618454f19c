import type { Check, ExaminedAuthority, ExaminedCertificate } from '../alias-under-examination';
import { shellWord, type Finding } from '../finding';

const DAY_MS = 86_400_000;

/** The gateway renews RA certificates 30 days before their end: with fewer left, something keeps it from that. */
const RA_DAYS = 25;

/** How long before its end a CA should have a successor: devices have to get to know it. */
const CA_DAYS = 90;

const dateOf = (moment: Date): string => moment.toISOString().slice(0, 10);

/** Whether a CA or RA certificate is expired, about to expire, or not valid yet. */
export const expiry: Check = ({ authorities, now }) =>
  authorities.flatMap((authority) => {
    const { name, certificate, chain, raCertificates } = authority;
    return [
      ...[certificate, ...chain, ...raCertificates].flatMap((one) => invalid(name, one, now)),
      ...raCertificates.flatMap((ra) => raEnd(authority, ra, now)),
      ...caEnd(authority, now),
    ];
  });

function invalid(authority: string, { subject, notBefore, notAfter }: ExaminedCertificate, now: Date): Finding[] {
  if (now >= notBefore && now <= notAfter) return [];
  const expired = now > notAfter;
  return [
    {
      level: 'error',
      rule: expired ? 'ca.expired' : 'ca.not-yet-valid',
      what: expired
        ? `"${subject}" (${authority}) expired on ${dateOf(notAfter)}.`
        : `"${subject}" (${authority}) is not valid before ${dateOf(notBefore)}.`,
      why: 'Devices trust neither the answers nor the certificates that lead to it.',
      mend: expired
        ? 'Replace it: a CA of its own by a rollover, one above it by a new chain, an RA certificate by the gateway itself.'
        : 'Wait, or compare the clock of this machine.',
      commands: expired ? [`scep-gateway authority rollover plan ${shellWord(authority)}`] : [],
    },
  ];
}

function raEnd({ name, certificate }: ExaminedAuthority, ra: ExaminedCertificate, now: Date): Finding[] {
  const left = ra.notAfter.getTime() - now.getTime();
  // One that lives as long as its CA cannot be renewed, and is not the thing to look after.
  if (left < 0 || left > RA_DAYS * DAY_MS || ra.notAfter >= certificate.notAfter) return [];
  return [
    {
      level: 'warning',
      rule: 'ra.expiring',
      what: `The RA certificate "${ra.subject}" (${name}) expires on ${dateOf(ra.notAfter)}.`,
      why: 'The gateway should have renewed it 30 days before. Without it this authority answers nobody.',
      mend: "Look into the gateway's log for the job that renews RA certificates; setting the mode anew renews at once.",
      commands: [`scep-gateway authority show ${shellWord(name)}`],
    },
  ];
}

function caEnd({ name, certificate, next }: ExaminedAuthority, now: Date): Finding[] {
  const left = certificate.notAfter.getTime() - now.getTime();
  if (left < 0 || left > CA_DAYS * DAY_MS || next !== undefined) return [];
  return [
    {
      level: 'warning',
      rule: 'ca.expiring',
      what: `${name} expires on ${dateOf(certificate.notAfter)}, and nothing is there to follow it.`,
      why: 'No certificate outlives its CA, and devices need time to get to know the next one.',
      mend: 'Plan a rollover.',
      commands: [`scep-gateway authority rollover plan ${shellWord(name)}`],
    },
  ];
}
