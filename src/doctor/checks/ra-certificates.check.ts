import { needsOf, type Check, type ExaminedAuthority } from '../alias-under-examination';
import { changeAlias, inWords, shellWord, type Finding } from '../finding';

const MODES = ['none', 'single', 'pair'] as const;

const WORDS = {
  none: 'none',
  single: 'a single one for signatures and encryption',
  pair: 'one for signatures and one for encryption',
} as const;

/** Whether the clients can work with the RA certificates there are, and with the CA's kind of key. */
export const raCertificates: Check = (alias) => {
  const { raCertificates: accepted, keys } = needsOf(alias);
  return alias.authorities.flatMap((authority) => [
    ...(accepted === undefined || accepted.includes(modeOf(authority))
      ? []
      : [
          {
            level: 'error' as const,
            rule: 'ra.client',
            what: `${authority.name} has RA certificates: ${WORDS[modeOf(authority)]}.`,
            why: `The devices of this profile can only work with ${inWords(
              accepted.map((mode) => WORDS[mode]),
              'or',
            )}.`,
            ...mended(alias.name, authority, accepted),
          },
        ]),
    ...(authority.certificate.key.type === 'ec' && keys?.types.includes('ec') === false
      ? [
          {
            level: 'warning' as const,
            rule: 'ca.ec-key',
            what: `${authority.name} signs certificates with an EC key.`,
            why: 'The devices of this profile make RSA keys only; some of them cannot verify an ECDSA signature either, and then refuse their own certificate.',
            mend: 'Try one device, or give the alias a CA with an RSA key.',
            commands: [],
          },
        ]
      : []),
  ]);
};

/** What to set. An EC key cannot decrypt, so its CA is refused `none`: without another choice it takes another CA. */
function mended(
  alias: string,
  { name, certificate }: ExaminedAuthority,
  accepted: readonly (typeof MODES)[number][],
): Pick<Finding, 'mend' | 'commands'> {
  const possible = accepted.find((mode) => mode !== 'none' || certificate.key.type !== 'ec');
  return possible === undefined
    ? {
        mend: 'A CA with an EC key cannot do without: give the alias one with an RSA key.',
        commands: [
          "scep-gateway authority create NAME --subject 'CN=NAME,O=…' --key-algorithm RSA-2048",
          changeAlias(alias, 'authorities=NAME'),
        ],
      }
    : {
        mend: 'Set what they can work with. A CA that is to speak SCEP itself needs the key usages for it.',
        commands: [`scep-gateway authority change ${shellWord(name)} --ra-certificate ${possible}`],
      };
}

const modeOf = ({ raCertificates: { length } }: ExaminedAuthority): (typeof MODES)[number] =>
  MODES[Math.min(length, 2) as 0 | 1 | 2];
