import { needsOf, type Check } from '../alias-under-examination';
import { changeAlias, inWords } from '../finding';

/** What has to be accepted for a keyword of GetCACaps to appear. */
const CAUSES: Readonly<Record<string, Readonly<{ digests?: string; ciphers?: string; setting?: string }>>> = {
  AES: { ciphers: 'aes128' },
  DES3: { ciphers: '3des' },
  'SHA-1': { digests: 'sha1' },
  'SHA-256': { digests: 'sha256' },
  'SHA-384': { digests: 'sha384' },
  'SHA-512': { digests: 'sha512' },
  SCEPStandard: { digests: 'sha256', ciphers: 'aes128' },
  Renewal: { setting: 'renewal.enabled=true' },
};

/** Whether GetCACaps offers what the clients insist on. */
export const capabilities: Check = (alias) => {
  const missing = (needsOf(alias).capabilities ?? []).filter((keyword) => !alias.capabilities.includes(keyword));
  if (missing.length === 0) return [];
  const { digests, ciphers } = alias.settings.algorithms.accept;
  const causes = missing.map((keyword) => CAUSES[keyword] ?? {});
  const extended = (field: string, present: readonly string[], wanted: readonly (string | undefined)[]): string[] => {
    const added = wanted.filter((one) => one !== undefined && !present.includes(one));
    return added.length === 0 ? [] : [`algorithms.accept.${field}=${[...new Set([...present, ...added])].join(',')}`];
  };
  const settings = [
    ...extended(
      'digests',
      digests,
      causes.map((cause) => cause.digests),
    ),
    ...extended(
      'ciphers',
      ciphers,
      causes.map((cause) => cause.ciphers),
    ),
    ...causes.flatMap(({ setting }) => setting ?? []),
  ];
  return [
    {
      level: 'error',
      rule: 'capabilities.missing',
      what: `GetCACaps does not offer ${inWords(missing)}.`,
      why: 'The devices of this profile send no request to a server that does not offer it.',
      mend: 'GetCACaps offers just what the alias accepts: accept what it stands for.',
      commands: settings.length === 0 ? [] : [changeAlias(alias.name, ...settings)],
    },
  ];
};
