import { getMetadataArgsStorage } from 'typeorm';
import { ENTITIES } from '../../src/app.module';
import { testDatabase, type TestDatabase } from '../support/test-database';

describe('the entities', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase();
  });

  afterAll(async () => {
    await database.close();
  });

  it('are all handed to the database', () => {
    const declared = getMetadataArgsStorage().tables.map(({ target }) => target);
    expect(new Set(ENTITIES)).toEqual(new Set(declared));
  });

  it('say what the migrations made: TypeORM would change nothing', async () => {
    const dataSource = await database.dataSource(ENTITIES);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});
