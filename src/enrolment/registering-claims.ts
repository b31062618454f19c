import { EndEntityStatus } from '../end-entities/end-entity-status';
import { inItsTurn, LATEST, latestIs } from './latest-certificate';
import { NO_MORE_SOURCE_FAILURES } from './source-failures';

const CONTENT = 'subject, subject_alt_names, authority_id, certificate_profile_id, end_entity_profile_id';
const GIVEN = ':subject, :altNames::jsonb, :authorityId, :registeredProfileId, :endEntityProfileId';

/** Whether the generation may issue at all; there is no end entity yet that could have got a shadow certificate of it. */
const GENERATION_IN_ITS_TURN = `exists (select from authority_generations
      where id = :generationId and state = case when :isShadow::boolean then 'next' else 'current' end)`;

/**
 * SQL of the part `claimed` of an issue that registers the end entity along with its certificate: of two at once that want
 * one user name, the second waits for the first and then claims nothing.
 */
export const CLAIM_BY_REGISTERING = `claimed as (
  insert into end_entities (id, username, status, ${CONTENT}, allowed_requests, remaining_requests,
    latest_serial_number, shadow_serial_number, shadow_generation_id, registering_alias_id, created_at, updated_at)
  overriding system value
  select :endEntityId::bigint, :username, ${EndEntityStatus.GENERATED}, ${GIVEN}, 1, 0,
    case when not :isShadow::boolean then :serialNumber::bytea end, case when :isShadow then :serialNumber::bytea end,
    case when :isShadow then :generationId::integer end, :aliasId, :now::timestamptz, :now
  where ${GENERATION_IN_ITS_TURN} and ${NO_MORE_SOURCE_FAILURES}
  on conflict do nothing
  returning id, epoch, username
)`;

/** SQL of the part `latest`: keeps the present certificate of an end entity from being revoked until all is written. */
export const LATEST_IS_GOOD = `latest as (
  select from certificates
  where authority_id = :latestAuthorityId::integer and serial_number = :latestSerialNumber::bytea and revoked_at is null
  for share
)`;

/**
 * What an end entity must still be that the alias has registered before and gives another certificate: as it was judged, and
 * where its present certificate has to be good (:mustBeGood) that is not revoked.
 */
const UNCHANGED = `id = :endEntityId and status = :status::smallint and epoch = :epoch and registering_alias_id = :aliasId
    and ${LATEST} is not distinct from :latestSerialNumber::bytea
    and (not :mustBeGood::boolean or exists (select from latest))
    and ${NO_MORE_SOURCE_FAILURES}`;

/** SQL of the part `claimed` of an issue to an end entity that the alias has registered before: it gets the new content. */
export const CLAIM_BY_REGISTERING_AGAIN = `${LATEST_IS_GOOD}, claimed as (
  update end_entities set
    remaining_requests = 0, status = ${EndEntityStatus.GENERATED}, (${CONTENT}) = (${GIVEN}),
    ${latestIs(':serialNumber', ':generationId', ':isShadow')},
    updated_at = :now
  where ${UNCHANGED} and ${inItsTurn(':generationId', ':isShadow')}
  returning id, epoch, username
)`;

/** SQL of the part `claimed` of an approval that is opened for an end entity which is registered with it. */
export const WAIT_BY_REGISTERING = (room: string): string => `claimed as (
  insert into end_entities (id, username, status, ${CONTENT}, allowed_requests, remaining_requests, open_approvals,
    registering_alias_id, created_at, updated_at)
  overriding system value
  select :endEntityId::bigint, :username, ${EndEntityStatus.INPROCESS}, ${GIVEN}, 1,
    case when :reserved::boolean then 0 else 1 end, 1, :aliasId, :now::timestamptz, :now
  where ${room} and ${NO_MORE_SOURCE_FAILURES}
  on conflict do nothing
  returning id, epoch
)`;

/**
 * SQL of the part `claimed` of an approval that is opened for an end entity which the alias has registered before. What it
 * has stays until the officer has said yes.
 */
export const WAIT_BY_REGISTERING_AGAIN = (room: string): string => `${LATEST_IS_GOOD}, claimed as (
  update end_entities set
    remaining_requests = case when :reserved::boolean then 0 else remaining_requests end,
    open_approvals = open_approvals + 1,
    status = case when status = ${EndEntityStatus.GENERATED} then status else ${EndEntityStatus.INPROCESS} end,
    updated_at = :now
  where ${UNCHANGED} and open_approvals < :openApprovalsPerEndEntity::integer and ${room}
  returning id, epoch
)`;
