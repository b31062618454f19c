import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Challenges that are good for one certificate, and the keys of those that are good for a day. */
export class OneTimeChallenges1700000000013 implements MigrationInterface {
  readonly name = 'OneTimeChallenges1700000000013';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table daily_challenge_keys');
    await runner.query('drop table one_time_challenges');
  }
}

const statements = [
  // verifier: HMAC of the challenge in a context that names the alias, so that it is found by what a device sends, and at no
  // other alias. subject, subject_alt_names, certificate_profile_id, username: what it is bound to; null where it is not.
  // used_by: id of the request in the request log. No trigger announces changes: nothing keeps these rows in memory.
  `create table one_time_challenges (
    id uuid primary key,
    alias_id integer not null references aliases on delete cascade,
    verifier bytea not null,
    state text not null check (state in ('outstanding', 'used', 'burnt', 'revoked')),
    subject text,
    subject_alt_names jsonb,
    certificate_profile_id integer references certificate_profiles on delete cascade,
    username text,
    failed_attempts integer not null default 0,
    issued_by text not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    closed_at timestamptz,
    used_by uuid,
    constraint one_time_challenges_verifier_key unique (verifier),
    constraint one_time_challenges_closed_check check ((state = 'outstanding') = (closed_at is null))
  )`,
  // For the cap and the list. It grows with what is outstanding only.
  `create index one_time_challenges_outstanding on one_time_challenges (alias_id, expires_at, id)
    where state = 'outstanding'`,
  'create index one_time_challenges_by_expiry on one_time_challenges (expires_at)',
  `create index one_time_challenges_by_certificate_profile on one_time_challenges (certificate_profile_id)
    where certificate_profile_id is not null`,
  // sealed is bound to the alias. Each gateway keeps the keys in memory.
  `create table daily_challenge_keys (
    alias_id integer primary key references aliases on delete cascade,
    sealed bytea not null,
    made_at timestamptz not null
  )`,
  `create trigger announce_change after insert or update or delete on daily_challenge_keys
    for each statement execute function announce_configuration_change()`,
];
