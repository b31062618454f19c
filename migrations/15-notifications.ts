import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What customers' services are still to be told of: written with the event, deleted once it was delivered. */
export class Notifications1700000000015 implements MigrationInterface {
  readonly name = 'Notifications1700000000015';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table notifications');
  }
}

const statements = [
  `create table notifications (
    id bigint generated always as identity constraint notifications_pkey primary key,
    key uuid not null,
    alias_id integer not null constraint notifications_alias_id_fkey references aliases on delete cascade,
    event text not null constraint notifications_event_check check (event in ('issued', 'refused', 'revoked')),
    authority_id integer,
    serial_number bytea,
    details jsonb not null,
    created_at timestamptz not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null
  )`,
  'create index notifications_by_next_attempt on notifications (next_attempt_at)',
  // Those of one certificate go out one after the other.
  'create index notifications_by_certificate on notifications (authority_id, serial_number, id)',
  'create index notifications_by_alias on notifications (alias_id)',
];
