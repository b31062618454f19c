import type { EntityManager } from 'typeorm';

/**
 * Forgets the certificate that a next generation gave an end entity, so that it may have another one: it was let in again,
 * or the certificate was revoked. Once that generation is the current one there is nothing to forget, for then it is the
 * end entity's latest.
 *
 * @param serialNumber forgets it only if it is this one, big-endian magnitude
 */
export async function forgetShadowCertificate(
  manager: EntityManager,
  endEntityId: string,
  serialNumber?: Buffer,
): Promise<void> {
  await manager.query(
    `update end_entities set shadow_serial_number = null, shadow_generation_id = null
      where id = $1 and ($2::bytea is null or shadow_serial_number = $2)
        and shadow_generation_id in (select id from authority_generations where state in ('next', 'withdrawn'))`,
    [endEntityId, serialNumber ?? null],
  );
}
