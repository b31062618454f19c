import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../support/start-gateway';
import { testDatabase, type TestDatabase } from '../support/test-database';

let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await testDatabase();
  directory = mkdtempSync(join(tmpdir(), 'scep-gateway-key-'));
  await (await startGateway({ database })).close();
});

afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

function environment(content: string): Record<string, string> {
  const file = join(directory, 'key');
  writeFileSync(file, content);
  // The refusals are expected, and logged.
  return { KEY_ENCRYPTION_KEY_FILE: file, LOG_LEVEL: 'silent' };
}

describe('a gateway on a database that was set up with another key-encryption key', () => {
  it('does not start, and says why', async () => {
    const start = startGateway({ database, environment: environment('43'.repeat(32)) });
    await expect(start).rejects.toThrow('this is not the key-encryption key of this database');
  });

  it('does not start without a key, and does not print the file', async () => {
    const start = startGateway({ database, environment: environment('not a key at all') });
    await expect(start).rejects.toThrow('line 1 of the key-encryption key file is no key');
    await expect(start).rejects.not.toThrow('not a key at all');
  });

  it('starts with a new key in front of the old one', async () => {
    const lines = `${'43'.repeat(32)}\n${'42'.repeat(32)}\n`;
    await (await startGateway({ database, environment: environment(lines) })).close();
  });
});
