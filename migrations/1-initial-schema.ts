import type { MigrationInterface, QueryRunner } from 'typeorm';

const CERTIFICATE_PARTITIONS = 16;
const TRANSACTION_PARTITIONS = 16;

/** Tables whose content gateways keep in memory: each change raises the configuration version and is announced. */
const CACHED_TABLES = [
  'keys',
  'authorities',
  'authority_generations',
  'ra_certificates',
  'certificate_profiles',
  'end_entity_profiles',
  'aliases',
  'alias_authorities',
];

/**
 * The first schema. Certificates and transactions are hash-partitioned from the start, the two logs by time: changing
 * that later means rewriting the largest tables (docs/adr/0004-partitions-from-the-start.md).
 */
export class InitialSchema1700000000001 implements MigrationInterface {
  readonly name = 'InitialSchema1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...configuration, ...keysAndAuthorities, ...profilesAndAliases, ...endEntities])
      await runner.query(statement);
    for (const statement of [...issued, ...logs, ...announcements()]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop table audit_events, undecodable_requests, requests, scep_transactions, certificates,
      failed_attempts, end_entities, alias_authorities, aliases, end_entity_profiles, certificate_profiles,
      ra_certificates, authority_generations, authorities, keys, sealed_secrets, configuration_version`);
    await runner.query('drop function announce_configuration_change(), refuse_change(), abort_statement(text)');
  }
}

const configuration = [
  // One row: the version of everything that gateways cache.
  `create table configuration_version (
    only_row boolean primary key default true check (only_row),
    version bigint not null default 1
  )`,
  'insert into configuration_version default values',
];

const keysAndAuthorities = [
  // Secrets that must be read again (the key under verifiers, the check value of the key-encryption key).
  `create table sealed_secrets (
    name text primary key,
    sealed bytea not null,
    created_at timestamptz not null default now()
  )`,
  // public_key is a SubjectPublicKeyInfo, sealed_private_key a sealed PKCS #8 PrivateKeyInfo bound to the id.
  `create table keys (
    id uuid primary key,
    algorithm text not null,
    public_key bytea not null,
    sealed_private_key bytea not null,
    created_at timestamptz not null default now()
  )`,
  `create table authorities (
    id integer generated always as identity primary key,
    name text not null unique,
    description text not null default '',
    settings jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  // certificate is null while an external root has not answered the CSR. chain: DER certificates, issuer first, root last.
  `create table authority_generations (
    id integer generated always as identity primary key,
    authority_id integer not null references authorities on delete cascade,
    number integer not null,
    state text not null check (state in ('pending', 'previous', 'current', 'next')),
    key_id uuid not null references keys,
    certificate bytea,
    certificate_request bytea,
    chain bytea[] not null default '{}',
    created_at timestamptz not null default now(),
    unique (authority_id, number),
    check (state = 'pending' or certificate is not null)
  )`,
  `create unique index one_current_generation on authority_generations (authority_id) where state = 'current'`,
  `create unique index one_next_generation on authority_generations (authority_id) where state = 'next'`,
  `create table ra_certificates (
    id integer generated always as identity primary key,
    generation_id integer not null references authority_generations on delete cascade,
    purpose text not null check (purpose in ('sign', 'encrypt', 'both')),
    state text not null check (state in ('current', 'previous')),
    key_id uuid not null references keys,
    certificate bytea not null,
    not_after timestamptz not null,
    created_at timestamptz not null default now()
  )`,
  `create unique index one_current_ra_certificate on ra_certificates (generation_id, purpose) where state = 'current'`,
];

const profilesAndAliases = [
  `create table certificate_profiles (
    id integer generated always as identity primary key,
    name text not null unique,
    settings jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create table end_entity_profiles (
    id integer generated always as identity primary key,
    name text not null unique,
    settings jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create table aliases (
    id integer generated always as identity primary key,
    name text not null unique,
    enabled boolean not null default true,
    settings jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  // The authorities an alias may reach, the first being its default.
  `create table alias_authorities (
    alias_id integer not null references aliases on delete cascade,
    position integer not null,
    authority_id integer not null references authorities,
    primary key (alias_id, position),
    unique (alias_id, authority_id)
  )`,
];

const endEntities = [
  // epoch counts how often the end entity was put back to NEW: an answer given before is not repeated after.
  `create table end_entities (
    id bigint generated always as identity primary key,
    username text not null unique,
    status smallint not null,
    subject text not null,
    subject_alt_names jsonb not null default '[]',
    authority_id integer not null references authorities,
    certificate_profile_id integer not null references certificate_profiles,
    end_entity_profile_id integer not null references end_entity_profiles,
    enrolment_code_verifier bytea,
    allowed_requests integer not null default 1,
    remaining_requests integer not null default 1,
    failed_attempts integer not null default 0,
    locked_until timestamptz,
    epoch integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  'create index end_entities_by_status on end_entities (status, id)',
  'create index end_entities_by_authority on end_entities (authority_id)',
  'create index end_entities_by_certificate_profile on end_entities (certificate_profile_id)',
  'create index end_entities_by_end_entity_profile on end_entities (end_entity_profile_id)',
  // Failed attempts by source: who guesses is locked out before the end entity itself is.
  `create table failed_attempts (
    end_entity_id bigint not null references end_entities on delete cascade,
    source text not null,
    failures integer not null,
    last_failure_at timestamptz not null,
    locked_until timestamptz,
    primary key (end_entity_id, source)
  )`,
];

const hashPartitions = (table: string, count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `create table ${table}_${i} partition of ${table} for values with (modulus ${count}, remainder ${i})`,
  );

const issued = [
  // serial_number: big-endian magnitude without leading zero octets. generation_id is one of the authority's, whose
  // foreign key is enough: each further one costs a look-up and a shared lock on one row that all enrolments have in common.
  `create table certificates (
    serial_number bytea not null,
    authority_id integer not null references authorities,
    generation_id integer not null,
    end_entity_id bigint references end_entities on delete set null,
    username text not null,
    alias text,
    certificate_profile text not null,
    subject text not null,
    certificate bytea not null,
    public_key_hash bytea not null,
    fingerprint bytea not null,
    not_before timestamptz not null,
    not_after timestamptz not null,
    issued_at timestamptz not null,
    revoked_at timestamptz,
    revocation_reason smallint,
    primary key (authority_id, serial_number)
  ) partition by hash (serial_number)`,
  ...hashPartitions('certificates', CERTIFICATE_PARTITIONS),
  'create index certificates_by_end_entity on certificates (end_entity_id, issued_at)',
  'create index certificates_by_public_key on certificates (public_key_hash)',
  'create index certificates_by_issue on certificates (issued_at, authority_id, serial_number)',
  // ledger_key: SHA-256 over everything that makes a request a repeat of an earlier one.
  `create table scep_transactions (
    ledger_key bytea primary key,
    alias_id integer not null references aliases on delete cascade,
    transaction_id text not null,
    public_key_hash bytea not null,
    message_type smallint not null,
    state text not null check (state in ('issued')),
    end_entity_id bigint references end_entities on delete cascade,
    end_entity_epoch integer not null,
    authority_id integer not null,
    serial_number bytea not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
  ) partition by hash (ledger_key)`,
  ...hashPartitions('scep_transactions', TRANSACTION_PARTITIONS),
  // For statements of several parts that must take themselves back when a later part finds nothing to do.
  `create function abort_statement(reason text) returns boolean language plpgsql volatile as $$
    begin raise exception '%', reason using errcode = 'SG001'; end $$`,
  'create index scep_transactions_by_id on scep_transactions (alias_id, transaction_id)',
  'create index scep_transactions_by_end_entity on scep_transactions (end_entity_id)',
];

const logs = [
  `create table requests (
    id uuid not null,
    received_at timestamptz not null,
    alias text not null,
    source text not null,
    method text not null,
    message_type text,
    transaction_id text,
    outcome text not null,
    fail_info smallint,
    error_code text,
    rule text,
    explanation text,
    username text,
    subject text,
    authority text,
    serial_number bytea,
    decoded jsonb not null,
    primary key (received_at, id)
  ) partition by range (received_at)`,
  'create table requests_default partition of requests default',
  'create index requests_by_transaction on requests (transaction_id, received_at)',
  'create index requests_by_username on requests (username, received_at)',
  // What could not be decoded is counted by cause and day, not stored one by one.
  `create table undecodable_requests (
    day date not null,
    alias text not null,
    cause text not null,
    occurrences bigint not null,
    last_source text not null,
    last_at timestamptz not null,
    primary key (day, alias, cause)
  )`,
  `create table audit_events (
    id uuid not null,
    occurred_at timestamptz not null,
    actor text not null,
    action text not null,
    target text not null,
    details jsonb not null,
    primary key (occurred_at, id)
  ) partition by range (occurred_at)`,
  'create table audit_events_default partition of audit_events default',
  `create function refuse_change() returns trigger language plpgsql as $$
    begin raise exception 'audit events are append-only'; end $$`,
  `create trigger audit_events_append_only before update or delete on audit_events
    for each row execute function refuse_change()`,
];

const announcements = (): string[] => [
  // In the transaction of the change itself: nobody can forget it, and it is seen exactly when the change is.
  `create function announce_configuration_change() returns trigger language plpgsql as $$
    declare raised bigint;
    begin
      update configuration_version set version = version + 1 returning version into raised;
      perform pg_notify('scep_gateway_configuration', raised::text);
      return null;
    end $$`,
  ...CACHED_TABLES.map(
    (table) => `create trigger announce_change after insert or update or delete on ${table}
      for each statement execute function announce_configuration_change()`,
  ),
];
