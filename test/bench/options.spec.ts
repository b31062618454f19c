import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpText, OPTION_TABLE, readOptions, UsageError } from '../../bench/options';

test('without options: a gateway of its own, a closed loop, a table', () => {
  expect(readOptions([])).toMatchObject({ codec: false, json: false, load: { kind: 'closed', concurrency: 16 } });
  expect(readOptions([])?.gateway).toBeUndefined();
});

test('--rate makes the rate fixed', () => {
  expect(readOptions(['--rate', '250'])?.load).toEqual({ kind: 'fixed', perSecond: 250 });
});

test('--help names every option', () => {
  expect(readOptions(['--help'])).toBeUndefined();
  for (const name of Object.keys(OPTION_TABLE)) expect(helpText()).toContain(`--${name} `);
});

test.each([
  [['--rate', '5', '--concurrency', '5'], /two ways/],
  [['--requests', '0'], /--requests is to be a whole number/],
  [['--requests', '1e3'], /--requests is to be a whole number/],
  [['--requests', '9999999'], /--requests is to be a whole number/],
  [['--sconds', '5'], /--sconds/],
  [['--url', 'http://127.0.0.1:8080'], /go together/],
  [['--pid', '17'], /--pid goes with --url/],
])('%j is refused', (argv, message) => {
  expect(() => readOptions(argv)).toThrow(UsageError);
  expect(() => readOptions(argv)).toThrow(message);
});

test.each([
  ['http://192.0.2.1:8080', false],
  ['http://scep.example:8080', false],
  ['http://127.0.0.1.example:8080', false],
  ['https://127.0.0.1:8080', false],
  ['http://127.0.0.1:8080', true],
  ['http://localhost:8080', true],
  ['http://[::1]:8080', true],
])('load goes to loopback addresses only: %s', (url, allowed) => {
  const read = () => readOptions(['--url', url, '--admin-url', 'http://127.0.0.1:9090', '--token-file', 'token']);
  if (allowed) expect(read()?.gateway?.url.href).toBe(new URL(url).href);
  else expect(read).toThrow(UsageError);
});

test.each(Object.entries(OPTION_TABLE))('docs/performance.md tells of --%s and its default', (name, { fallback }) => {
  const page = readFileSync(join(__dirname, '../../docs/performance.md'), 'utf8');
  const row = page.split('\n').find((line) => line.startsWith(`| \`--${name}`)) ?? '';
  expect(row).not.toBe('');
  if (fallback !== undefined) expect(row.split('|')[2]?.trim()).toBe(fallback);
});
