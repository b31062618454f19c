import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets among the settings of an alias, each sealed for itself. */
export class AliasSecrets1700000000011 implements MigrationInterface {
  readonly name = 'AliasSecrets1700000000011';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table alias_secrets');
  }
}

const statements = [
  // field: its dotted name among the settings. sealed is bound to alias and field.
  `create table alias_secrets (
    alias_id integer not null references aliases on delete cascade,
    field text not null,
    sealed bytea not null,
    updated_at timestamptz not null default now(),
    primary key (alias_id, field)
  )`,
  `create trigger announce_change after insert or update or delete on alias_secrets
    for each statement execute function announce_configuration_change()`,
];
