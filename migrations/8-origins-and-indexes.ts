import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Through which alias a certificate was issued, whatever that is called by now; references by name that follow a rename;
 * and an index for what administrators did.
 */
export class OriginsAndIndexes1700000000008 implements MigrationInterface {
  readonly name = 'OriginsAndIndexes1700000000008';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index audit_events_by_actor');
    await runner.query('drop trigger follow_name on authorities');
    await runner.query('drop trigger follow_name on aliases');
    await runner.query('drop function follow_name_in_aliases()');
    await runner.query('alter table certificates drop column alias_id');
  }
}

const statements = [
  // Null for older certificates, of which only the name is known. No foreign key: an alias may go, and each key would cost
  // every enrolment a look-up.
  'alter table certificates add column alias_id integer',
  // tg_argv[0]: the setting of an alias, a list of names under `renewal`, that refers to the rows of this table.
  `create function follow_name_in_aliases() returns trigger language plpgsql as $$
    declare path text[] := array['renewal', tg_argv[0]];
    begin
      update aliases set settings = jsonb_set(settings, path, (
        select jsonb_agg(case when item = to_jsonb(old.name) then to_jsonb(new.name) else item end order by place)
        from jsonb_array_elements(settings #> path) with ordinality as list (item, place)))
      where settings #> path @> to_jsonb(old.name);
      return null;
    end $$`,
  `create trigger follow_name after update of name on authorities for each row when (old.name <> new.name)
    execute function follow_name_in_aliases('fromAuthorities')`,
  `create trigger follow_name after update of name on aliases for each row when (old.name <> new.name)
    execute function follow_name_in_aliases('fromAliases')`,
  // Nearly all events are the gateway's own, one for each certificate. They stay out of it, and so cost nothing.
  `create index audit_events_by_actor on audit_events (actor, occurred_at, id) where actor <> 'gateway'`,
];
