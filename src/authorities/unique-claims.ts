import type { EntityManager } from 'typeorm';
import type { AuthoritySettings } from './authority-settings';

// Where several have the same already, the one that had it last keeps it.
const CLAIM_KEYS = `insert into unique_claims (authority_id, kind, value, end_entity_id)
  select distinct on (public_key_hash) authority_id, 'key', public_key_hash, end_entity_id
  from certificates where authority_id = $1 and end_entity_id is not null
  order by public_key_hash, issued_at desc, serial_number
  on conflict do nothing`;
const CLAIM_SUBJECTS = `insert into unique_claims (authority_id, kind, value, end_entity_id)
  select distinct on (subject_key(subject)) authority_id, 'subject', subject_key(subject), end_entity_id
  from certificates where authority_id = $1 and end_entity_id is not null and subject <> ''
  order by subject_key(subject), issued_at desc, serial_number
  on conflict do nothing`;

/**
 * When an authority begins to want keys or subjects to be unique: notes down whose are those that it has certified. From
 * then on that is written with each certificate.
 */
export async function claimIssued(
  manager: EntityManager,
  authorityId: number,
  before: AuthoritySettings,
  after: AuthoritySettings,
): Promise<void> {
  if (after.uniquePublicKeys && !before.uniquePublicKeys) await manager.query(CLAIM_KEYS, [authorityId]);
  if (after.uniqueSubjects && !before.uniqueSubjects) await manager.query(CLAIM_SUBJECTS, [authorityId]);
}
