import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What belongs to one end entity alone, keys that are known to others, and certificates that are to be revoked later. */
export class Limits1700000000021 implements MigrationInterface {
  readonly name = 'Limits1700000000021';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table superseded_certificates, compromised_keys, unique_claims');
    await runner.query('drop function subject_key(text)');
  }
}

const statements = [
  // Subjects as RFC 5280 section 7.1 compares them, near enough: without letter case and runs of blanks.
  `create function subject_key(subject text) returns bytea language sql immutable strict parallel safe
    return sha256(convert_to(lower(normalize(regexp_replace(subject, '\\s+', ' ', 'g'), NFKC)), 'UTF8'))`,
  // A table, for certificates are partitioned by serial number: nothing else of them can be unique.
  `create table unique_claims (
    authority_id integer not null references authorities on delete cascade,
    kind text not null,
    value bytea not null,
    end_entity_id bigint not null references end_entities on delete cascade,
    primary key (authority_id, kind, value)
  )`,
  'create index unique_claims_by_end_entity on unique_claims (end_entity_id)',
  `create table compromised_keys (
    public_key_hash bytea primary key,
    known_since timestamptz not null
  )`,
  `insert into compromised_keys select public_key_hash, min(revoked_at) from certificates
    where revoked_at is not null and revocation_reason = 1 group by public_key_hash`,
  // Without a foreign key: whoever revokes them looks whether they are still there.
  `create table superseded_certificates (
    authority_id integer not null,
    serial_number bytea not null,
    due_at timestamptz not null,
    primary key (authority_id, serial_number)
  )`,
  'create index superseded_certificates_by_time on superseded_certificates (due_at)',
];
