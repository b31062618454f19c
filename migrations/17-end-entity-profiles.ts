import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authorities and certificate profiles that end entities of a profile may have. */
export class EndEntityProfiles1700000000017 implements MigrationInterface {
  readonly name = 'EndEntityProfiles1700000000017';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table allowed_certificate_profiles, allowed_authorities');
  }
}

const announced = (table: string): string =>
  `create trigger announce_change after insert or update or delete on ${table}
    for each statement execute function announce_configuration_change()`;

// Tables, not settings, so that what is named can be renamed, and cannot be removed while it is.
const statements = [
  `create table allowed_authorities (
    end_entity_profile_id integer not null references end_entity_profiles on delete cascade,
    position integer not null,
    authority_id integer not null references authorities,
    primary key (end_entity_profile_id, position)
  )`,
  'create index allowed_authorities_by_authority on allowed_authorities (authority_id)',
  announced('allowed_authorities'),
  `create table allowed_certificate_profiles (
    end_entity_profile_id integer not null references end_entity_profiles on delete cascade,
    position integer not null,
    certificate_profile_id integer not null references certificate_profiles,
    primary key (end_entity_profile_id, position)
  )`,
  'create index allowed_certificate_profiles_by_profile on allowed_certificate_profiles (certificate_profile_id)',
  announced('allowed_certificate_profiles'),
];
