import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts of those who fetch challenges for devices: MDM servers and people at NDES's page. */
export class RaAccounts1700000000014 implements MigrationInterface {
  readonly name = 'RaAccounts1700000000014';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table ra_account_aliases');
    await runner.query('drop table ra_accounts');
  }
}

const statements = [
  `create table ra_accounts (
    id integer generated always as identity primary key,
    name text not null unique,
    description text not null default '',
    enabled boolean not null default true,
    password_verifier bytea not null,
    last_used_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  // A table, not a list of names: it follows an alias that is renamed, and forgets one that is removed, so that a later
  // alias of that name is not served by mistake.
  `create table ra_account_aliases (
    ra_account_id integer not null references ra_accounts on delete cascade,
    alias_id integer not null references aliases on delete cascade,
    primary key (ra_account_id, alias_id)
  )`,
  'create index ra_account_aliases_by_alias on ra_account_aliases (alias_id)',
];
