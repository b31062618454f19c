import { aliasDefaults, type AliasSettings } from '../alias';
import type { StoredAlias } from '../alias.registry';
import { propertyLine } from './properties';

/** An alias in EJBCA's form. */
export interface ExportedAlias {
  /** `ALIAS.key=VALUE` lines. No secret is among them. */
  readonly properties: string;
  /** Dotted names of fields that have another value than the default and no key in EJBCA. */
  readonly leftOut: readonly string[];
}

/** The part of an alias that is written. */
type ExportableAlias = Pick<StoredAlias, 'name' | 'authorities' | 'settings'>;

type Value = (settings: AliasSettings) => string | boolean;

/** The value of each key, and the fields that it says all of. */
const KEYS: readonly (readonly [key: string, fields: readonly string[], value: Value])[] = [
  ['operationmode', ['operationalMode'], ({ operationalMode }) => operationalMode.toLowerCase()],
  ['includeca', [], ({ includeCaCertificate }) => includeCaCertificate !== 'none'],
  [
    'returnCaChainInGetCaCert',
    ['caCertificateResponse.chain'],
    ({ caCertificateResponse }) => caCertificateResponse.chain && !caCertificateResponse.singleCertificate,
  ],
  [
    'rootFirst',
    ['caCertificateResponse.order'],
    ({ caCertificateResponse }) => caCertificateResponse.order === 'rootFirst',
  ],
  [
    'allowLegacyDigestAlgorithm',
    [],
    ({ algorithms: { accept, reply } }) =>
      reply === 'mirror' && accept.digests.some((digest) => digest === 'sha1' || digest === 'md5'),
  ],
  ['clientCertificateRenewal', ['renewal.enabled'], ({ renewal }) => renewal.enabled],
  ['clientCertificateRenewalWithOldKey', ['renewal.allowOldKey'], ({ renewal }) => renewal.allowOldKey],
  ['ra.certificateProfile', ['ra.certificateProfile'], ({ ra }) => ra.certificateProfile],
  ['ra.entityProfile', ['ra.endEntityProfile'], ({ ra }) => ra.endEntityProfile],
  ['ra.defaultCA', ['ra.authority'], ({ ra }) => ra.authority],
  ['ra.namegenerationscheme', ['ra.nameGeneration.scheme'], ({ ra }) => ra.nameGeneration.scheme],
  ['ra.namegenerationparameters', ['ra.nameGeneration.parameters'], ({ ra }) => ra.nameGeneration.parameters],
  ['ra.namegenerationprefix', ['ra.nameGeneration.prefix'], ({ ra }) => ra.nameGeneration.prefix],
  ['ra.namegenerationpostfix', ['ra.nameGeneration.postfix'], ({ ra }) => ra.nameGeneration.postfix],
  ['useIntune', [], ({ challenge }) => challenge.kind === 'intune'],
  ['intuneAuthority', ['challenge.intune.authority'], ({ challenge }) => challenge.intune.authority],
  ['intuneTenant', ['challenge.intune.tenant'], ({ challenge }) => challenge.intune.tenant],
  ['intuneAadAppId', ['challenge.intune.applicationId'], ({ challenge }) => challenge.intune.applicationId],
  ['intuneResourceUrl', ['challenge.intune.resourceUrl'], ({ challenge }) => challenge.intune.resourceUrl],
  ['intuneProxyHost', [], ({ challenge }) => proxyOf(challenge.intune)?.hostname ?? ''],
  ['intuneProxyPort', [], ({ challenge }) => proxyOf(challenge.intune)?.port ?? ''],
  ['intuneProxyUser', ['challenge.intune.proxyUser'], ({ challenge }) => challenge.intune.proxyUser],
];

const proxyOf = ({ proxyUrl }: { readonly proxyUrl: string }): URL | undefined =>
  URL.canParse(proxyUrl) ? new URL(proxyUrl) : undefined;

/** Writes an alias in EJBCA's form, secrets excepted. */
export function exportAlias({ name, authorities, settings }: ExportableAlias): ExportedAlias {
  const told = new Set(['enabled', 'description', ...KEYS.flatMap(([, fields]) => fields)]);
  if (settings.includeCaCertificate !== 'chain') told.add('includeCaCertificate');
  // Of a proxy, EJBCA knows host and port only.
  if (settings.challenge.intune.proxyUrl.startsWith('http:')) told.add('challenge.intune.proxyUrl');
  if (settings.challenge.kind === usualKind(settings)) told.add('challenge.kind');
  const lines = KEYS.map(([key, , value]) => propertyLine({ key: `${name}.${key}`, value: String(value(settings)) }));
  const secret = `# ${name}.ra.authPwd is a secret and is not written`;
  const changed = changedFields(settings, aliasDefaults(settings.deviceProfile)).filter((field) => !told.has(field));
  const [first, ...others] = authorities;
  return {
    properties: [...lines, ...(settings.operationalMode === 'RA' ? [secret] : []), ''].join('\n'),
    leftOut: [...(others.length === 0 && first === settings.ra.authority ? [] : ['authorities']), ...changed],
  };
}

/** What EJBCA has in a mode, without Intune or with it. */
const usualKind = ({ operationalMode, challenge: { kind } }: AliasSettings): AliasSettings['challenge']['kind'] =>
  kind === 'intune' ? 'intune' : operationalMode === 'RA' ? 'static' : 'end-entity';

/** Dotted names of the fields that differ. */
function changedFields(settings: object, defaults: object, prefix = ''): string[] {
  return Object.entries(settings).flatMap(([key, value]: [string, unknown]) => {
    const standard = (defaults as Readonly<Record<string, unknown>>)[key];
    if (isObject(value) && isObject(standard)) return changedFields(value, standard, `${prefix}${key}.`);
    return JSON.stringify(value) === JSON.stringify(standard) ? [] : [prefix + key];
  });
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
