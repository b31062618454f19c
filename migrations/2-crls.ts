import type { MigrationInterface, QueryRunner } from 'typeorm';

/** CRLs, what has to be on the next one, and under which names their authorities could be reached before. */
export class Crls1700000000002 implements MigrationInterface {
  readonly name = 'Crls1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index certificates_revoked');
    await runner.query('drop trigger remember_name on authorities');
    await runner.query('drop table former_authority_names, crls, revocation_revisions');
    await runner.query('drop function remember_authority_name()');
  }
}

const statements = [
  // How often something about revocation has changed in a generation. A CRL says which of these states it shows.
  `create table revocation_revisions (
    generation_id integer primary key references authority_generations on delete cascade,
    revision bigint not null
  )`,
  // crl: DER. Uncompressed, so that a piece of a large one can be read without the rest; it would hardly shrink anyway.
  `create table crls (
    generation_id integer not null references authority_generations on delete cascade,
    number bigint not null,
    revision bigint not null,
    this_update timestamptz not null,
    next_update timestamptz not null,
    entries integer not null,
    crl bytea not null,
    primary key (generation_id, number)
  )`,
  'alter table crls alter column crl set storage external',
  // Gateways keep the newest CRLs in memory. That older ones are removed concerns nobody.
  `create trigger announce_change after insert on crls
    for each statement execute function announce_configuration_change()`,
  // What a CRL lists, in the order of the list. Few certificates are revoked, so the index is small.
  'create index certificates_revoked on certificates (generation_id, serial_number) where revoked_at is not null',
  // Issued certificates name a place for CRLs that holds the name of the authority, and outlive that name.
  `create table former_authority_names (
    name text primary key,
    authority_id integer not null references authorities on delete cascade
  )`,
  `create function remember_authority_name() returns trigger language plpgsql as $$
    begin
      insert into former_authority_names values (old.name, old.id)
        on conflict (name) do update set authority_id = excluded.authority_id;
      return null;
    end $$`,
  `create trigger remember_name after update of name on authorities for each row when (old.name <> new.name)
    execute function remember_authority_name()`,
];
