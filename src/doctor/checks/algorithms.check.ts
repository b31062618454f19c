import { needsOf, type AliasUnderExamination, type Check } from '../alias-under-examination';
import { changeAlias, inWords, type Finding } from '../finding';

/** Broken: who records a message can forge it, or read it. */
const BROKEN: readonly string[] = ['md5', 'des'];

/** Still standing in SCEP, and on the way out. */
const AGEING: readonly string[] = ['sha1', '3des'];

/** Digest and cipher of every answer under `algorithms.reply=fixed`. */
const FIXED = { digests: 'sha256', ciphers: 'aes128' } as const;

/** Whether clients and alias have algorithms in common, and what weak ones are let in. */
export const algorithms: Check = (alias) => [
  ...common(alias, 'digests', 'sign'),
  ...common(alias, 'ciphers', 'encrypt'),
  ...weak(alias),
  ...weakKeys(alias),
];

type Kind = 'digests' | 'ciphers';

const NO_COMMON = { digests: 'algorithms.no-common-digests', ciphers: 'algorithms.no-common-ciphers' } as const;
const UNREADABLE = { digests: 'algorithms.unreadable-digests', ciphers: 'algorithms.unreadable-ciphers' } as const;

function common(alias: AliasUnderExamination, kind: Kind, verb: 'sign' | 'encrypt'): Finding[] {
  const can: readonly string[] | undefined = needsOf(alias)[kind];
  if (can === undefined) return [];
  const accepted: readonly string[] = alias.settings.algorithms.accept[kind];
  const field = `algorithms.accept.${kind}`;
  if (!can.some((name) => accepted.includes(name)))
    return [
      {
        level: 'error',
        rule: NO_COMMON[kind],
        what: `The alias accepts ${inWords(accepted)}, and these devices ${verb} with ${inWords(can, 'or')} only.`,
        why: 'Every request of theirs is refused (badAlg).',
        mend: 'Accept what they can do, in an alias of their own with a CA of its own.',
        commands: [changeAlias(alias.name, `${field}=${[...accepted, ...can.slice(0, 1)].join(',')}`)],
      },
    ];
  if (alias.settings.algorithms.reply === 'fixed' && !can.includes(FIXED[kind]))
    return [
      {
        level: 'error',
        rule: UNREADABLE[kind],
        what: `Answers always use ${FIXED[kind]}, which these devices do not know.`,
        why: 'algorithms.reply is fixed; they are issued certificates that they cannot read.',
        mend: 'Answer with the algorithms of the request.',
        commands: [changeAlias(alias.name, 'algorithms.reply=mirror')],
      },
    ];
  return [];
}

/** Whether the profile sets it, or its clients have nothing better among what is accepted. */
function neededByClients(alias: AliasUnderExamination, name: string): boolean {
  const { accept } = alias.settings.algorithms;
  const recommended = alias.deviceProfile.aliasDefaults.algorithms?.accept;
  return (['digests', 'ciphers'] as const).some((kind) => {
    const accepted: readonly string[] = accept[kind];
    const usable = (needsOf(alias)[kind] ?? []).filter((one) => accepted.includes(one));
    const set: readonly string[] = recommended?.[kind] ?? [];
    return (
      set.includes(name) ||
      ((usable as readonly string[]).includes(name) &&
        usable.every((one) => BROKEN.includes(one) || AGEING.includes(one)))
    );
  });
}

function weak(alias: AliasUnderExamination): Finding[] {
  const { digests, ciphers } = alias.settings.algorithms.accept;
  const accepted: readonly string[] = [...digests, ...ciphers];
  const isNeeded = (name: string): boolean => neededByClients(alias, name);
  const broken = accepted.filter((name) => BROKEN.includes(name));
  const ageing = accepted.filter((name) => AGEING.includes(name));
  const needless = (names: readonly string[]): string[] => names.filter((name) => !isNeeded(name));
  const findings: Finding[] = [];
  if (broken.length > 0)
    findings.push({
      level: broken.every(isNeeded) ? 'note' : 'warning',
      rule: 'algorithms.broken',
      what: `The alias accepts ${inWords(broken)}.`,
      why: 'Whoever records such a message can read the challengePassword in it, or put another request in its place.',
      mend: broken.every(isNeeded)
        ? 'Devices of this profile know nothing better: keep the alias to them, on a network of their own, with a CA of its own.'
        : 'Accept them in an alias for the devices that know nothing better, and nowhere else.',
      commands: broken.every(isNeeded) ? [] : [without(alias, needless(broken))],
    });
  if (ageing.length > 0)
    findings.push({
      level: 'note',
      rule: 'algorithms.ageing',
      what: `The alias accepts ${inWords(ageing)}.`,
      why: 'Many devices need them; they are on the way out all the same.',
      mend: 'Take them away when no device uses them any more: the request log shows the digest and cipher of each message.',
      // Without the broken ones, too: run after the command above it must not bring them back.
      commands: ageing.every(isNeeded) ? [] : [without(alias, needless([...broken, ...ageing]))],
    });
  return findings;
}

function without({ name, settings }: AliasUnderExamination, weakOnes: readonly string[]): string {
  const { digests, ciphers } = settings.algorithms.accept;
  const rest = ([kind, all, fallback]: readonly [Kind, readonly string[], string]): string[] => {
    const strong = all.filter((one) => !weakOnes.includes(one));
    return strong.length === all.length
      ? []
      : [`algorithms.accept.${kind}=${strong.length === 0 ? fallback : strong.join(',')}`];
  };
  return changeAlias(name, ...rest(['digests', digests, 'sha256']), ...rest(['ciphers', ciphers, 'aes128']));
}

function weakKeys(alias: AliasUnderExamination): Finding[] {
  const { minimumRsaBits } = alias.settings.algorithms.accept;
  if (minimumRsaBits >= 2048) return [];
  const recommended = alias.deviceProfile.aliasDefaults.algorithms?.accept?.minimumRsaBits ?? Infinity;
  const needed = Math.min(needsOf(alias).keys?.largestRsaBits ?? Infinity, recommended) < 2048;
  return [
    {
      level: needed ? 'note' : 'warning',
      rule: 'algorithms.short-keys',
      what: `The alias accepts RSA keys of ${minimumRsaBits} bits.`,
      why: 'Keys of less than 2048 bits can be broken by who wants it enough.',
      mend: needed ? 'Devices of this profile make no larger ones: keep the alias to them.' : 'Demand 2048 bits.',
      commands: needed ? [] : [changeAlias(alias.name, 'algorithms.accept.minimumRsaBits=2048')],
    },
  ];
}
