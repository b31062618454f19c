import { auditRow } from '../audit/audit-row';
import { REVOCATION_REASONS } from '../certificates/revocation-reason';
import { ServiceError } from '../common/service-error';
import type { Certificate } from '../pki/x509/certificate';
import { NOTE_SUPERSEDED } from '../notifications/outbox-statement';
import { after, parsePeriod } from '../profiles/period';
import type { EndEntityFacts } from './enrolment-facts.reader';
import { type RequestedIssue, shadowStart } from './enrolment-request';
import { LATEST } from './latest-certificate';

/**
 * Rules that are held against what the database knows in the moment in which a certificate is written, so that two requests
 * at once cannot both pass: parts of the statements that issue. What most aliases and authorities do not ask for is in
 * statements of its own, for even what finds nothing to do takes time in each enrolment.
 */

/** SQL cases for which a statement takes itself back, with or without the rules that have to be asked for. */
export const COMPROMISED_KEY = `when exists (select from compromised_keys where public_key_hash = :publicKeyHash)
    then abort_statement('compromised key')`;

/**
 * SQL condition on a row of end_entities: nobody else has been issued a certificate for it since the facts were read. What
 * is counted below is counted as it was when the statement began, before it waited for the end entity.
 */
export const LATEST_AS_READ = `(:maxActive::integer = 0 or (${LATEST}) is not distinct from :latestAsRead::bytea)`;

/**
 * SQL: parts behind `claimed` (id) and `certified`.
 *
 * A public key or a subject belongs to the end entity that has it first, as long as that exists (:uniqueKey, :uniqueSubject).
 *
 * Active certificates of the end entity are counted (:maxActive, 0: they are not), without those that are to be revoked
 * anyway and those that are not valid yet, as are shadow certificates. What is too many is revoked, or noted down to be
 * revoked (:supersedesAt), or the statement takes itself back; the certificate that is renewed does not count for that.
 */
export const RULED_PARTS = `owned as (
  insert into unique_claims as u (authority_id, kind, value, end_entity_id)
  select :authorityId, wanted.kind, wanted.value, claimed.id
  from claimed, (values ('key', :publicKeyHash::bytea, :uniqueKey::boolean),
    ('subject', subject_key(:subject), :uniqueSubject::boolean)) as wanted (kind, value, counts)
  where wanted.counts
  on conflict (authority_id, kind, value) do update set end_entity_id = u.end_entity_id
    where u.end_entity_id = excluded.end_entity_id
  returning kind
), active as (
  select c.authority_id, c.serial_number, c.generation_id, c.issued_at from certificates c
  where :maxActive::integer > 0 and c.end_entity_id = (select id from claimed)
    and c.revoked_at is null and c.not_after > :now and c.not_before <= :now
    and not exists (select from superseded_certificates s
      where s.authority_id = c.authority_id and s.serial_number = c.serial_number)
), superfluous as (
  select authority_id, serial_number, generation_id from active where :supersedes::boolean
  order by issued_at desc, serial_number offset greatest(:maxActive::integer - 1, 0)
), scheduled as (
  insert into superseded_certificates (authority_id, serial_number, due_at)
  select authority_id, serial_number, :supersedesAt::timestamptz from superfluous where :supersedesAt::timestamptz > :now
  on conflict do nothing
), superseded as (
  update certificates c set revoked_at = :now, revocation_reason = ${REVOCATION_REASONS.superseded}
  where :supersedesAt::timestamptz <= :now and c.revoked_at is null
    and c.authority_id = any(array(select authority_id from superfluous))
    and c.serial_number = any(array(select serial_number from superfluous))
  returning c.authority_id, c.serial_number, c.generation_id, c.alias_id, c.username, c.subject
), revised as (
  insert into revocation_revisions (generation_id, revision) select distinct generation_id, 1 from superseded
  on conflict (generation_id) do update set revision = revocation_revisions.revision + 1
), ${NOTE_SUPERSEDED}, superseding as (
  insert into audit_events select a.* from superseded s join authorities issuer on issuer.id = s.authority_id,
    jsonb_populate_record(null::audit_events, :revocation::jsonb || jsonb_build_object('id', gen_random_uuid(),
      'target', 'certificates/' || issuer.name || '/' || encode(s.serial_number, 'hex'),
      'details', :revocation::jsonb->'details' || jsonb_build_object('username', s.username, 'subject', s.subject))) a
)`;

/** SQL cases beside {@link COMPROMISED_KEY}, for {@link RULED_PARTS}. */
export const RULED_CASES = `when :uniqueKey and not exists (select from owned where kind = 'key')
    then abort_statement('public key of another')
  when :uniqueSubject and not exists (select from owned where kind = 'subject')
    then abort_statement('subject of another')
  when not :supersedes and :maxActive::integer > 0
    and (select count(*) from active where serial_number is distinct from :renewedNow::bytea) >= :maxActive
    then abort_statement('too many active certificates')`;

/** What the rules look at of all that is written with a certificate. */
interface RuledIssue {
  readonly request: RequestedIssue;
  readonly certificate: Certificate;
  readonly renews: { readonly serialNumber: Buffer } | undefined;
  readonly now: Date;
}

/** Whether a request needs the statements with {@link RULED_PARTS}. */
export function isRuled({ alias, authority }: RequestedIssue): boolean {
  const { publicKeys, subjects } = authority.unique;
  return publicKeys || subjects || alias.limits.maxActiveCertificates > 0;
}

/** Values of {@link RULED_PARTS} and {@link RULED_CASES} beyond those of every issue. */
export function ruledValues({ request, certificate, renews, now }: RuledIssue): Readonly<Record<string, unknown>> {
  const { limits, name } = request.alias;
  const { publicKeys, subjects } = request.authority.unique;
  const supersedesAt = supersedingTime(limits.supersede, now);
  return {
    uniqueKey: publicKeys,
    // Of no subject at all any number of devices may be.
    uniqueSubject: subjects && !certificate.subject.isEmpty,
    // A certificate in advance stands beside the present one until the rollover.
    maxActive: shadowStart(request) === undefined ? limits.maxActiveCertificates : 0,
    supersedes: supersedesAt !== undefined,
    supersedesAt: supersedesAt ?? null,
    renewedNow: renews?.serialNumber ?? null,
    revocationDetails: JSON.stringify({ reason: 'superseded', revokedAt: now.toISOString() }),
    // Its id and its target are those of each certificate that is revoked.
    revocation: JSON.stringify(
      auditRow('', now, {
        actor: 'gateway',
        action: 'certificate.revoke',
        target: '',
        details: { reason: 'superseded', alias: name },
      }),
    ),
  };
}

/** The value of {@link LATEST_AS_READ}. */
export const latestAsRead = ({
  endEntity,
}: {
  readonly endEntity: EndEntityFacts;
}): Readonly<Record<string, unknown>> => ({
  latestAsRead: endEntity.latestSerialNumber,
});

/** When certificates are revoked that are too many; undefined: they are not. */
function supersedingTime(supersede: string, now: Date): Date | undefined {
  if (supersede === 'none') return undefined;
  if (supersede === 'atOnce') return now;
  const period = parsePeriod(supersede);
  // It was checked when it was set.
  if (period === undefined) throw new Error(`"${supersede}" is no period`);
  return after(now, period);
}

/** What the statement said when it took itself back for one of the cases above, as a refusal; undefined for any other error. */
export function refusalOf(error: unknown, { alias, authority }: RequestedIssue): ServiceError | undefined {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (code !== 'SG001') return undefined;
  switch (message) {
    case 'compromised key':
      return new ServiceError('key-not-allowed', 'this key is not certified any more: make a new one', {
        rule: 'request.compromised-key',
        explanation: 'a certificate for this key was revoked for keyCompromise; such a key is never certified again',
      });
    case 'public key of another':
      return new ServiceError('key-not-allowed', 'this key is not certified here: make a new one', {
        rule: 'authority.uniquePublicKeys',
        explanation: `another end entity has, or had, a certificate of authority ${authority.name} for this key, which settings.uniquePublicKeys forbids; remove that end entity if it is the same device`,
      });
    case 'subject of another':
      return new ServiceError('request-refused', 'a certificate with this subject belongs to another user', {
        rule: 'authority.uniqueSubjects',
        explanation: `another end entity has, or had, a certificate of authority ${authority.name} with this subject, which settings.uniqueSubjects forbids; remove that end entity if it is the same device`,
      });
    case 'too many active certificates':
      return new ServiceError('request-refused', 'this user has as many valid certificates as it may have', {
        rule: 'limits.maxActiveCertificates',
        explanation: `limits.maxActiveCertificates of alias ${alias.name} is ${alias.limits.maxActiveCertificates}, and limits.supersede is none: revoke a certificate of the end entity, or let the newest supersede`,
      });
    default:
      return undefined;
  }
}
