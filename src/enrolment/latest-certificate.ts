/**
 * SQL on a row of end_entities: whether the generation that gave the end entity a certificate in advance has had its turn
 * since.
 */
const SHADOW_IS_OVER = `exists (select from authority_generations
      where id = shadow_generation_id and state not in ('next', 'withdrawn'))`;

/**
 * SQL on a row of end_entities: the serial number of its latest certificate, the only one that can be renewed. As of the
 * rollover that is the one it was given in advance.
 */
export const LATEST = `case when ${SHADOW_IS_OVER} then shadow_serial_number else latest_serial_number end`;

/**
 * SQL for an update of end_entities with which a certificate is issued: it is the latest one, and a shadow certificate is
 * kept beside it until its generation has its turn.
 *
 * @param serialNumber parameter with that of the new certificate
 * @param generation parameter with the id of the generation that issues it
 * @param shadow parameter that tells whether it is a shadow certificate
 */
export const latestIs = (serialNumber: string, generation: string, shadow: string): string =>
  `latest_serial_number = case when ${shadow} then ${LATEST} else ${serialNumber} end,
    shadow_serial_number = case when ${shadow} then ${serialNumber} when ${SHADOW_IS_OVER} then null
      else shadow_serial_number end,
    shadow_generation_id = case when ${shadow} then ${generation} when ${SHADOW_IS_OVER} then null
      else shadow_generation_id end`;

/**
 * SQL condition on a row of end_entities, parameters as in {@link latestIs}: a generation issues in its turn only, so that
 * what was signed before a rollover is not written after it, and it gives one shadow certificate to each end entity.
 */
export const inItsTurn = (generation: string, shadow: string): string =>
  `exists (select from authority_generations
      where id = ${generation} and state = case when ${shadow}::boolean then 'next' else 'current' end)
    and not (${shadow} and shadow_generation_id is not distinct from ${generation})`;
