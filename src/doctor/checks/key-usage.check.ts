import type { KeyUsageBit } from '../../pki/x509/extension';
import {
  needsOf,
  type AliasUnderExamination,
  type Check,
  type ExaminedAuthority,
  type ExaminedCertificate,
} from '../alias-under-examination';
import { changeAlias, inWords, shellWord, type Finding } from '../finding';

/** Certificate request agent, and serverAuth: what Windows and MDM servers look for in an RA certificate (I-29). */
const RA_PURPOSES: readonly string[] = ['1.3.6.1.4.1.311.20.2.1', '1.3.6.1.5.5.7.3.1'];

const allows = ({ keyUsage }: ExaminedCertificate, bit: KeyUsageBit): boolean => keyUsage?.has(bit) ?? true;

const canSign = (certificate: ExaminedCertificate): boolean => allows(certificate, 'digitalSignature');

const canEncryptTo = (certificate: ExaminedCertificate): boolean =>
  certificate.key.type === 'rsa' && allows(certificate, 'keyEncipherment');

/** Whether the CA and RA certificates may do what SCEP has them do (rows C-06, I-29, I-34). */
export const keyUsage: Check = (alias) =>
  alias.authorities.flatMap((authority) => [
    ...basicUsage(authority),
    // What the clients cannot work with at all has a finding of its own; nothing else of it is worth mending.
    ...(hasForeignRa(alias, authority)
      ? []
      : [...usableAnswer(alias.name, authority), ...clientUsage(authority, needsOf(alias).encryptionKeyUsage ?? [])]),
    ...(needsOf(alias).choosesByKeyUsage === true ? wrongChoice(alias.name, authority) : []),
    ...raPurposes(authority),
  ]);

/** RA certificates where the clients work with none. */
function hasForeignRa(alias: AliasUnderExamination, { raCertificates }: ExaminedAuthority): boolean {
  const accepted = needsOf(alias).raCertificates;
  return raCertificates.length > 0 && accepted !== undefined && accepted.every((mode) => mode === 'none');
}

const raCertificate = (authority: string, mode: string): string =>
  `scep-gateway authority change ${shellWord(authority)} --ra-certificate ${mode}`;

function basicUsage({ name, signing, encrypting }: ExaminedAuthority): Finding[] {
  const findings: Finding[] = [];
  if (!canSign(signing))
    findings.push({
      level: 'error',
      rule: 'ca.signature-usage',
      what: `The key usage of "${signing.subject}" (${name}) does not allow digital signatures.`,
      why: 'RFC 8894 section 2.1.2 demands it of who signs answers; clients that look refuse every answer.',
      mend: 'Let an RA certificate speak SCEP for this CA.',
      commands: [raCertificate(name, 'single')],
    });
  if (!allows(encrypting, 'keyEncipherment'))
    findings.push({
      level: 'error',
      rule: 'ca.encryption-usage',
      what: `The key usage of "${encrypting.subject}" (${name}) does not allow key encipherment.`,
      why: 'Requests are encrypted to it; clients that look at the key usage, such as cryptlib, send none.',
      mend: 'Let an RA certificate speak SCEP for this CA.',
      commands: [raCertificate(name, 'single')],
    });
  return findings;
}

function usableAnswer(alias: string, { name, shown }: ExaminedAuthority): Finding[] {
  const whole = shown.some((certificate) => canSign(certificate) && canEncryptTo(certificate));
  const pair = shown.some(canSign) && shown.some(canEncryptTo);
  if (whole || pair) return [];
  const [only] = shown;
  const what = shown.some(canEncryptTo)
    ? `GetCACert of ${name} shows no certificate that may sign answers.`
    : `GetCACert of ${name} shows no certificate that a request can be encrypted to.`;
  return [
    {
      level: 'error',
      rule: 'ca.no-usable-certificate',
      what,
      why:
        only?.key.type === 'ec' && shown.length === 1
          ? 'The CA has an EC key, which cannot decrypt, and its RA certificate is not shown.'
          : "Clients choose by key usage among the certificates they get; Apple's devices give up (-67731).",
      mend: 'Have the CA show an RA certificate.',
      commands: [raCertificate(name, 'single'), changeAlias(alias, 'caCertificateResponse.singleCertificate=false')],
    },
  ];
}

/** A certificate from above that looks like one to encrypt to: the worse the earlier it stands. */
function wrongChoice(alias: string, { name, shown }: ExaminedAuthority): Finding[] {
  const candidates = shown.filter(canEncryptTo);
  const wrong = candidates.find(({ opens }) => !opens);
  if (wrong === undefined) return [];
  return [
    {
      level: wrong === candidates[0] ? 'error' : 'warning',
      rule: 'ca.wrong-choice',
      what: `The key usage of "${wrong.subject}", which stands above ${name}, allows what that of a CA does which speaks SCEP.`,
      why: 'The devices of this profile choose by key usage alone. A request that is encrypted to it cannot be opened here.',
      mend: 'Show the issuing CA first, or leave out what stands above it.',
      commands: [
        changeAlias(alias, 'caCertificateResponse.order=issuerFirst'),
        changeAlias(alias, 'caCertificateResponse.chain=false'),
      ],
    },
  ];
}

function clientUsage({ name, encrypting, next }: ExaminedAuthority, needed: readonly KeyUsageBit[]): Finding[] {
  const missing = needed.filter((bit) => encrypting.keyUsage?.has(bit) === false);
  if (missing.length === 0) return [];
  return [
    {
      level: 'error',
      rule: 'ca.client-usage',
      what: `The key usage of "${encrypting.subject}" (${name}) lacks ${inWords(missing)}.`,
      why: 'The devices of this profile demand it of the certificate that they encrypt to, and enrol with none that lacks it.',
      mend:
        next === undefined
          ? 'Have the next certificate of the CA allow it: a rollover with the same key will do. Devices that have the present one fetch it anew afterwards.'
          : 'The next certificate of the CA is there. If it was made since the CA allows that, it only has to take over; otherwise cancel that rollover, change the CA, and plan it anew.',
      commands:
        next === undefined
          ? [
              `scep-gateway authority change ${shellWord(name)} --data-encipherment true`,
              `scep-gateway authority rollover plan ${shellWord(name)} --key same`,
              `scep-gateway authority rollover activate ${shellWord(name)}`,
            ]
          : [`scep-gateway authority rollover activate ${shellWord(name)}`],
    },
  ];
}

function raPurposes({ name, raCertificates }: ExaminedAuthority): Finding[] {
  const odd = raCertificates.filter(
    ({ extendedKeyUsage }) =>
      extendedKeyUsage !== undefined && !extendedKeyUsage.some((purpose) => RA_PURPOSES.includes(purpose)),
  );
  return odd.map(({ subject }) => ({
    level: 'warning',
    rule: 'ra.purpose',
    what: `The RA certificate "${subject}" (${name}) is for other purposes than those of an RA.`,
    why: 'Windows finds no certificate that it can use (0x8010002c).',
    mend: 'Have the gateway issue another.',
    commands: [raCertificate(name, 'none'), raCertificate(name, 'single')],
  }));
}
