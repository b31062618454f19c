import type { MigrationInterface, QueryRunner } from 'typeorm';

/** RA mode: what an alias registers, which alias has registered an end entity, and lockouts of an alias's sources. */
export class Registrations1700000000012 implements MigrationInterface {
  readonly name = 'Registrations1700000000012';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    // An older release knows no RA mode. Its aliases would not be served, which is what they come to when they are disabled.
    await runner.query(`update aliases set enabled = false, settings = settings - 'operationalMode'
      where settings->>'operationalMode' = 'RA'`);
    await runner.query(`update aliases set settings = settings - 'ra' where settings ? 'ra'`);
    await runner.query('alter table end_entities drop column registering_alias_id');
    await runner.query('drop table alias_failed_attempts');
    await runner.query('drop table alias_registrations');
  }
}

const statements = [
  // A table, not settings, so that a CA or a profile can be renamed, and cannot be removed while an alias registers by it.
  // Null: not given, so that the default holds; in RA mode there is none but for the authority.
  `create table alias_registrations (
    alias_id integer primary key references aliases on delete cascade,
    authority_id integer references authorities,
    certificate_profile_id integer references certificate_profiles,
    end_entity_profile_id integer references end_entity_profiles
  )`,
  'create index alias_registrations_by_authority on alias_registrations (authority_id)',
  'create index alias_registrations_by_certificate_profile on alias_registrations (certificate_profile_id)',
  'create index alias_registrations_by_end_entity_profile on alias_registrations (end_entity_profile_id)',
  `create trigger announce_change after insert or update or delete on alias_registrations
    for each statement execute function announce_configuration_change()`,
  // Wrong challenges that no end entity can be blamed for, by source.
  `create table alias_failed_attempts (
    alias_id integer not null references aliases on delete cascade,
    source text not null,
    failures integer not null,
    last_failure_at timestamptz not null,
    locked_until timestamptz,
    primary key (alias_id, source)
  )`,
  'create index alias_failed_attempts_by_time on alias_failed_attempts (alias_id, last_failure_at)',
  // Null: registered by an administrator. No foreign key: an alias may go, and the key would cost every enrolment a look-up.
  'alter table end_entities add column registering_alias_id integer',
];
