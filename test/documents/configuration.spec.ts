import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCliEnvironment } from '../../src/config/cli-environment';
import { loadConfig } from '../../src/config/environment';
import { codeIn, document, tableRows } from './markdown-table';

const directory = join(__dirname, '../../src/config');

/** What the code reads: every `read.<kind>('NAME'`, and NAME_FILE for secrets. */
function variablesRead(): string[] {
  const sources = readdirSync(directory).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  const text = sources.map((name) => readFileSync(join(directory, name), 'utf8')).join('\n');
  const names = [...text.matchAll(/read\.(text|integer|choice|flag|secret)(?:<\w+>)?\(\s*'([A-Z_]+)'/g)];
  const constant = [...text.matchAll(/const name = '([A-Z_]+)'/g)].map(([, name]) => name!);
  const all = names.flatMap(([, kind, name]) => (kind === 'secret' ? [name!, `${name!}_FILE`] : [name!]));
  return [...new Set([...all, ...constant])].sort();
}

const rows = tableRows(document('docs/configuration.md'));

describe('docs/configuration.md', () => {
  it('tells every variable that is read, and no other', () => {
    const told = rows.flatMap(([names = '']) => codeIn(names)).sort();
    expect(told).toEqual(variablesRead());
    expect(told.length).toBeGreaterThan(20);
  });

  it('tells the defaults', () => {
    const told = new Map(rows.map(([names = '', value = '']) => [codeIn(names)[0], codeIn(value)[0]]));
    const config = loadConfig({});
    expect({
      PUBLIC_HOST: told.get('PUBLIC_HOST'),
      PUBLIC_PORT: told.get('PUBLIC_PORT'),
      ADMIN_HOST: told.get('ADMIN_HOST'),
      ADMIN_PORT: told.get('ADMIN_PORT'),
      ADMIN_BEHIND_PROXY: told.get('ADMIN_BEHIND_PROXY'),
      NDES_HOST: told.get('NDES_HOST'),
      DATABASE_POOL_SIZE: told.get('DATABASE_POOL_SIZE'),
      LOG_LEVEL: told.get('LOG_LEVEL'),
      SCEP_GATEWAY_URL: told.get('SCEP_GATEWAY_URL'),
    }).toEqual({
      PUBLIC_HOST: config.publicHost,
      PUBLIC_PORT: String(config.publicPort),
      ADMIN_HOST: config.adminHost,
      ADMIN_PORT: String(config.adminPort),
      ADMIN_BEHIND_PROXY: String(config.adminBehindProxy),
      NDES_HOST: loadConfig({ NDES_PORT: '1' }).ndes?.host,
      DATABASE_POOL_SIZE: String(config.databasePoolSize),
      LOG_LEVEL: config.logLevel,
      SCEP_GATEWAY_URL: loadCliEnvironment({}, { DATA_DIR: '/nowhere' }).gatewayUrl,
    });
  });
});
