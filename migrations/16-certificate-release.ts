import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Requests that a foreign service has found right, and certificates that it must have heard of before they are delivered. */
export class CertificateRelease1700000000016 implements MigrationInterface {
  readonly name = 'CertificateRelease1700000000016';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    // What was not released must not be given out by a version that does not know of it: its devices have to ask again.
    await runner.query(`delete from scep_transactions where state in ('validated', 'unreleased')`);
    await runner.query('drop index scep_transactions_validated');
    await runner.query(`alter table scep_transactions
      drop constraint scep_transactions_state_check,
      drop constraint scep_transactions_answer_check,
      drop column validated_at,
      drop column challenge_verifier,
      add constraint scep_transactions_state_check check (state in ('issued', 'pending')),
      add constraint scep_transactions_answer_check
        check (case state when 'issued' then serial_number is not null else approval_id is not null end)`);
    await runner.query('drop table unreleased_certificates');
  }
}

const statements = [
  // kind: of the challenge. sealed_request: the PKCS #10 with its challengePassword, which the service is told of the
  // certificate by, bound to the row. withdrawn_at: it was revoked before anybody got it, and the row keeps it from being
  // given out ever after. No foreign keys: it outlives the alias and the transaction.
  `create table unreleased_certificates (
    authority_id integer not null,
    serial_number bytea not null,
    ledger_key bytea not null,
    alias_id integer not null,
    kind text not null,
    transaction_id text not null,
    sealed_request bytea,
    issued_at timestamptz not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null,
    last_failure text,
    withdrawn_at timestamptz,
    primary key (authority_id, serial_number),
    check ((withdrawn_at is null) = (sealed_request is not null))
  )`,
  'create index unreleased_certificates_due on unreleased_certificates (next_attempt_at) where withdrawn_at is null',
  // challenge_verifier: of the challengePassword that was found right.
  `alter table scep_transactions
    add column validated_at timestamptz,
    add column challenge_verifier bytea,
    drop constraint scep_transactions_state_check,
    drop constraint scep_transactions_answer_check,
    add constraint scep_transactions_state_check check (state in ('issued', 'pending', 'validated', 'unreleased')),
    add constraint scep_transactions_answer_check check (case state
      when 'validated' then validated_at is not null
      when 'pending' then approval_id is not null
      else serial_number is not null end)`,
  `create index scep_transactions_validated on scep_transactions (validated_at) where state = 'validated'`,
];
