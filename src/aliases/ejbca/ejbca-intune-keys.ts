import { encryptedPassword } from './ejbca-password';
import { field, leftOut, type Rule, unlessEmpty } from './ejbca-rule';

const useIntune: Rule = (value, { usedIntune }) => {
  const text = value.toLowerCase();
  if (text === 'false') return usedIntune ? { fields: { 'challenge.kind': null } } : undefined;
  if (text !== 'true') return { reason: 'it is neither true nor false' };
  return {
    fields: { 'challenge.kind': 'intune', 'renewal.challengeRequired': true },
    remark:
      'Intune hears of each certificate here, so a renewal without a challenge is refused: renewal.challengeRequired is set.',
  };
};

const secret = (name: string): Rule =>
  unlessEmpty((value) =>
    encryptedPassword(value)
      ? { reason: `it is encrypted with a key of that EJBCA, or masked: set the secret itself, by --secret ${name}` }
      : { fields: { [name]: value } },
  );

const proxyHost: Rule = unlessEmpty((host, { values }) => {
  const port = values.get('intuneProxyPort')?.trim() ?? '';
  const url = `http://${host}${port === '' ? '' : `:${port}`}`;
  return URL.canParse(url)
    ? { fields: { 'challenge.intune.proxyUrl': url } }
    : { reason: 'it is no host that could stand in a URL' };
});

const proxyPort: Rule = unlessEmpty((_port, { values }) =>
  (values.get('intuneProxyHost')?.trim() ?? '') === ''
    ? { reason: 'there is no intuneProxyHost beside it' }
    : { fields: {} },
);

const NO_KEY_BINDING =
  'there are no key bindings: the application authenticates by a secret (challenge.intune.applicationKey)';

const NO_OLD_GRAPH =
  'Azure AD Graph does not exist any more: the services are found through Microsoft Graph (challenge.intune.graphUrl)';

/** What becomes of the keys about Microsoft Intune. */
export const INTUNE_KEYS: Readonly<Record<string, Rule>> = {
  useIntune,
  intuneAuthority: unlessEmpty(field('challenge.intune.authority')),
  intuneTenant: field('challenge.intune.tenant'),
  intuneAadAppId: field('challenge.intune.applicationId'),
  intuneAadAppKey: secret('challenge.intune.applicationKey'),
  intuneAadUseKeyBinding: (value) =>
    value === '' || value.toLowerCase() === 'false' ? undefined : { reason: NO_KEY_BINDING },
  intuneAadKeyBinding: leftOut(NO_KEY_BINDING),
  intuneResourceUrl: unlessEmpty(field('challenge.intune.resourceUrl')),
  intuneGraphApiVersion: leftOut(NO_OLD_GRAPH),
  intuneGraphResourceUrl: leftOut(NO_OLD_GRAPH),
  intuneProxyHost: proxyHost,
  intuneProxyPort: proxyPort,
  intuneProxyUser: field('challenge.intune.proxyUser'),
  intuneProxyPass: secret('challenge.intune.proxyPassword'),
};
