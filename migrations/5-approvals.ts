import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Requests that wait for an officer, and what became of them. */
export class Approvals1700000000005 implements MigrationInterface {
  readonly name = 'Approvals1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    // What waits has no place in the older schema: its devices have to ask again, with what was set aside for them.
    await runner.query(`update end_entities e
      set remaining_requests = least(e.remaining_requests + w.count, e.allowed_requests)
      from (select end_entity_id, end_entity_epoch, count(*)::integer from approvals
        where state = 'waiting' and reserved group by 1, 2) w
      where e.id = w.end_entity_id and e.epoch = w.end_entity_epoch`);
    await runner.query(`delete from scep_transactions where state <> 'issued'`);
    await runner.query('drop index scep_transactions_by_approval');
    await runner.query(`alter table scep_transactions
      drop constraint scep_transactions_state_check,
      drop constraint scep_transactions_answer_check,
      drop column approval_id,
      alter column serial_number set not null,
      add constraint scep_transactions_state_check check (state in ('issued'))`);
    await runner.query('drop table approvals');
    await runner.query('alter table end_entities drop column open_approvals');
  }
}

const statements = [
  // In the row that every decision locks, so that the count is right whoever decides at once.
  'alter table end_entities add column open_approvals integer not null default 0',
  // alias, authority and username: as they were called when the request came. certification_request: PKCS #10 without its
  // challengePassword. fingerprints: digests of the PKCS #10 as it came. content_hash: what is asked for, and by whom.
  `create table approvals (
    id uuid primary key,
    state text not null check (state in ('waiting', 'approved', 'rejected', 'expired')),
    alias_id integer references aliases on delete set null,
    alias text not null,
    authority_id integer references authorities on delete set null,
    authority text not null,
    generation_id integer not null,
    end_entity_id bigint references end_entities on delete set null,
    end_entity_epoch integer not null,
    username text not null,
    reserved boolean not null,
    message_type smallint not null,
    transaction_id text not null,
    transactions integer not null,
    source text not null,
    renewed_authority_id integer,
    renewed_serial_number bytea,
    content_hash bytea not null,
    message_hash bytea not null,
    signer_key_hash bytea not null,
    certification_request bytea not null,
    fingerprints jsonb not null,
    subject text not null,
    sealed_challenge_password bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    decided_at timestamptz,
    decided_by text,
    reason text,
    tell_device boolean not null,
    serial_number bytea,
    check ((state = 'waiting') = (decided_at is null))
  )`,
  // Of several equal requests at once one opens an approval, and the others join it.
  `create unique index approvals_waiting_content on approvals (content_hash) where state = 'waiting'`,
  `create index approvals_due on approvals (expires_at) where state = 'waiting'`,
  'create index approvals_by_creation on approvals (created_at, id)',
  'create index approvals_by_state on approvals (state, created_at, id)',
  'create index approvals_by_alias on approvals (alias_id, state)',
  'create index approvals_by_authority on approvals (authority_id)',
  'create index approvals_by_end_entity on approvals (end_entity_id, state)',
  // No foreign key: nothing removes an approval, and it would cost every enrolment.
  `alter table scep_transactions
    add column approval_id uuid,
    alter column serial_number drop not null,
    drop constraint scep_transactions_state_check,
    add constraint scep_transactions_state_check check (state in ('issued', 'pending')),
    add constraint scep_transactions_answer_check
      check (case state when 'issued' then serial_number is not null else approval_id is not null end)`,
  'create index scep_transactions_by_approval on scep_transactions (approval_id) where approval_id is not null',
];
