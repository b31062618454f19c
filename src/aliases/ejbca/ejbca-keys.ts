import { NAME_SCHEMES } from '../ra-settings';
import { INTUNE_KEYS } from './ejbca-intune-keys';
import { encryptedPassword } from './ejbca-password';
import { field, leftOut, type Rule, unlessEmpty } from './ejbca-rule';

const flag =
  (name: string, whenTrue: unknown, whenFalse: unknown): Rule =>
  (value) => {
    const text = value.toLowerCase();
    if (text !== 'true' && text !== 'false') return { reason: 'it is neither true nor false' };
    return { fields: { [name]: text === 'true' ? whenTrue : whenFalse } };
  };

/** What the keys of RA mode are in every alias that is not in it. */
const UNUSED: ReadonlySet<string> = new Set(['', 'ENDUSER', 'EMPTY', 'DN', 'CN']);

const inRaMode =
  (rule: Rule): Rule =>
  (value, context) => {
    if (context.operationalMode === 'RA') return rule(value, context);
    return UNUSED.has(value) ? undefined : { reason: 'it has a meaning in RA mode only, and the alias is in CA mode' };
  };

const profile = (name: string): Rule =>
  unlessEmpty((value) =>
    /^-?\d{5,}$/.test(value)
      ? { reason: 'it is a number of that EJBCA; give the profile by its name' }
      : { fields: { [name]: value } },
  );

const scheme: Rule = (value) => {
  const known = NAME_SCHEMES.find((name) => name === value.toUpperCase());
  return known === undefined
    ? { reason: `it is none of ${NAME_SCHEMES.join(', ')}` }
    : { fields: { 'ra.nameGeneration.scheme': known } };
};

const mode: Rule = (value) => {
  const text = value.toUpperCase();
  return text === 'CA' || text === 'RA' ? { fields: { operationalMode: text } } : { reason: 'it is neither ca nor ra' };
};

const defaultAuthority: Rule = unlessEmpty((value, { authorities }) => ({
  fields: { 'ra.authority': value, authorities: [value, ...authorities.filter((name) => name !== value)] },
}));

const legacyDigests: Rule = (value, { digests }) => {
  const text = value.toLowerCase();
  if (text === 'false')
    return {
      fields: { 'algorithms.accept.digests': digests.filter((name) => name !== 'sha1' && name !== 'md5') },
      remark:
        'EJBCA took messages with SHA-1 and MD5 and answered them with SHA-256. Here they are refused: a device that still signs so needs algorithms.accept.digests to name its digest.',
    };
  if (text !== 'true') return { reason: 'it is neither true nor false' };
  return {
    fields: {
      'algorithms.reply': 'mirror',
      'algorithms.accept.digests': digests.includes('sha1') ? digests : ['sha1', ...digests],
    },
    remark:
      'SHA-1 is accepted and answered now; MD5, 3DES and DES, which EJBCA took as well, are only where algorithms.accept names them.',
  };
};

const password: Rule = (value, { usesIntune }) => {
  if (value === '' || value.toLowerCase() === 'none')
    return usesIntune
      ? undefined
      : {
          fields: { 'ra.authenticationPassword': null, enabled: false },
          remark:
            'There is no password: EJBCA then lets everyone in, and this gateway nobody. The alias is disabled until ra.authenticationPassword is set, or another kind of challenge.',
        };
  if (encryptedPassword(value))
    return {
      reason:
        'it is encrypted with a key of that EJBCA, or masked: set the password itself, by --secret ra.authenticationPassword',
    };
  return { fields: { 'ra.authenticationPassword': value } };
};

const NO_SEPARATE_KEYS =
  'keys are not carried over: an RA certificate of the authority does the same (authority change NAME --ra-certificate pair)';

const separateKeys = Object.fromEntries(
  [
    'encryptionTokenId',
    'encryptionKeyAlias',
    'encryptionCertificate',
    'encryptionCAs',
    'signingAlgorithm',
    'signingTokenId',
    'signingKeyAlias',
    'signingCertificate',
    'proxyCaEncryptionCertTemplate',
    'proxyCaSigningCertTemplate',
  ].map((key) => [key, leftOut(NO_SEPARATE_KEYS)]),
);

/** What becomes of each key that EJBCA knows. */
export const EJBCA_KEYS: Readonly<Record<string, Rule>> = {
  operationmode: mode,
  includeca: flag('includeCaCertificate', 'issuer', 'none'),
  rootFirst: flag('caCertificateResponse.order', 'rootFirst', 'issuerFirst'),
  returnCaChainInGetCaCert: flag('caCertificateResponse.chain', true, false),
  allowLegacyDigestAlgorithm: legacyDigests,
  clientCertificateRenewal: flag('renewal.enabled', true, false),
  clientCertificateRenewalWithOldKey: flag('renewal.allowOldKey', true, false),
  'ra.certificateProfile': inRaMode(profile('ra.certificateProfile')),
  'ra.entityProfile': inRaMode(profile('ra.endEntityProfile')),
  'ra.defaultCA': inRaMode(defaultAuthority),
  'ra.authPwd': inRaMode(password),
  'ra.namegenerationscheme': inRaMode(scheme),
  'ra.namegenerationparameters': inRaMode(unlessEmpty(field('ra.nameGeneration.parameters'))),
  'ra.namegenerationprefix': inRaMode(field('ra.nameGeneration.prefix')),
  'ra.namegenerationpostfix': inRaMode(field('ra.nameGeneration.postfix')),
  ...INTUNE_KEYS,
  ...separateKeys,
};
