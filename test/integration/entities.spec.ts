import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getMetadataArgsStorage } from 'typeorm';
import { ENTITIES } from '../../src/app.module';
import { testDatabase } from '../support/test-database';
import type { TestDatabase } from '../support/test-database';

describe('the entities', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });

  afterAll(async () => {
    await database.close();
  });

  it('are all known to the application', async () => {
    const source = join(__dirname, '../../src');
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.entity.ts'));
    for (const file of files) await import(join(source, file));
    const declared = getMetadataArgsStorage().tables.map(({ target }) => target);
    expect(declared.length).toBeGreaterThan(0);
    expect(new Set<unknown>(ENTITIES)).toEqual(new Set(declared));
  });

  it('do not drift from what the migrations make', async () => {
    const dataSource = await database.dataSource(ENTITIES);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    // Foreign keys and indexes are the migrations' alone; entities need not repeat them.
    const ownToMigrations = /DROP CONSTRAINT ".*_fkey"|DROP INDEX /;
    expect(upQueries.map(({ query }) => query).filter((sql) => !ownToMigrations.test(sql))).toEqual([]);
  });
});
