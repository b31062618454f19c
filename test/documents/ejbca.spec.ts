import { EJBCA_KEYS } from '../../src/aliases/ejbca/ejbca-keys';
import { codeIn, document, tableRows } from './markdown-table';

it('docs/migrating-from-ejbca.md tells every key that is known, and none that is not', () => {
  const rows = tableRows(document('docs/migrating-from-ejbca.md'), '## Aliases');
  expect(rows.flatMap(([keys = '']) => codeIn(keys)).sort()).toEqual(Object.keys(EJBCA_KEYS).sort());
});
