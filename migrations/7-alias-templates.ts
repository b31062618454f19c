import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Certificate templates that stand for certificate profiles, and by which of them a certificate was issued. */
export class AliasTemplates1700000000007 implements MigrationInterface {
  readonly name = 'AliasTemplates1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table certificates drop column template');
    await runner.query('drop table alias_templates');
  }
}

const statements = [
  // A table, not a setting, so that a profile can be renamed, and cannot be removed while a template stands for it.
  `create table alias_templates (
    alias_id integer not null references aliases on delete cascade,
    template text not null,
    position integer not null,
    certificate_profile_id integer not null references certificate_profiles,
    primary key (alias_id, template)
  )`,
  'create index alias_templates_by_certificate_profile on alias_templates (certificate_profile_id)',
  `create trigger announce_change after insert or update or delete on alias_templates
    for each statement execute function announce_configuration_change()`,
  // Null: the profile was the end entity's own. A renewal goes by it.
  'alter table certificates add column template text',
];
