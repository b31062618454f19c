import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import { settableFields } from '../../src/cli/setting-assignments';
import { cellText, valueAt, type Resource } from '../../src/cli/table';
import { CERTIFICATE_PROFILE_DEFAULTS } from '../../src/profiles/certificate-profile';
import { END_ENTITY_PROFILE_DEFAULTS } from '../../src/profiles/end-entity-profile';
import { codeIn, document, tableRows } from './markdown-table';

/** Every field and its default, as a document writes them. */
function defaultsOf(defaults: object): Record<string, string> {
  const resource = { ...defaults } as Resource;
  return Object.fromEntries(settableFields(defaults).map((field) => [field, cellText(valueAt(resource, field))]));
}

function documented(path: string, heading?: string): Record<string, string> {
  const rows = tableRows(document(path), heading).map(([field = '', value = '']): [string, string] => [
    codeIn(field)[0] ?? field,
    value === '(empty)' ? '' : (codeIn(value)[0] ?? value),
  ]);
  return Object.fromEntries(rows);
}

describe('documents tell every field with its default', () => {
  it('of an alias', () => {
    const { authorities, ...settings } = documented('docs/alias-settings.md');
    expect(authorities).toBeDefined();
    expect(settings).toEqual(defaultsOf(ALIAS_DEFAULTS));
  });

  it.each([
    ['## Certificate profile', CERTIFICATE_PROFILE_DEFAULTS],
    ['## End entity profile', END_ENTITY_PROFILE_DEFAULTS],
  ])('of the profiles: %s', (heading, defaults) => {
    expect(documented('docs/certificate-profiles.md', heading)).toEqual(defaultsOf(defaults));
  });

  it('tells EJBCA its keys, each once', () => {
    const keys = tableRows(document('docs/alias-settings.md')).flatMap(([, , key = '']) => codeIn(key));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(
      expect.arrayContaining(['operationmode', 'includeca', 'returnCaChainInGetCaCert', 'rootFirst']),
    );
  });
});
