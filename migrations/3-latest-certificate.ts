import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which certificate of an end entity is its latest: the only one that can be renewed. */
export class LatestCertificate1700000000003 implements MigrationInterface {
  readonly name = 'LatestCertificate1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    // In the row that an issue locks, so that of two renewals at once the second sees what the first has done.
    await runner.query('alter table end_entities add column latest_serial_number bytea');
    await runner.query(`update end_entities set latest_serial_number = (
      select serial_number from certificates where end_entity_id = end_entities.id
      order by issued_at desc, serial_number limit 1)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table end_entities drop column latest_serial_number');
  }
}
