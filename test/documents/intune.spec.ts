import { INTUNE_CODES } from '../../src/challenges/intune/intune-error-code';
import { codeIn, document, tableRows } from './markdown-table';

it('the recipe for Intune tells every code that it refuses by, with its meaning', () => {
  const rows = tableRows(document('docs/devices/intune.md'), '## Codes');
  const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  expect(Object.fromEntries(rows.map(([code = '', ...texts]) => [codeIn(code)[0], texts]))).toEqual(
    Object.fromEntries(
      Object.entries(INTUNE_CODES).map(([code, { meaning, remedy }]) => [code, [sentence(meaning), sentence(remedy)]]),
    ),
  );
});
