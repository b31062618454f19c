import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATES = `state in ('pending', 'next', 'current', 'previous', 'retired', 'withdrawn')`;
const FORMER_STATES = `state in ('pending', 'previous', 'current', 'next')`;

/** Rollover: generations that are over, when the next one takes its turn, and the certificates it gives before that. */
export class Rollover1700000000004 implements MigrationInterface {
  readonly name = 'Rollover1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    // What was given in advance and has had its turn since is the latest certificate.
    await runner.query(`update end_entities e set latest_serial_number = e.shadow_serial_number
      from authority_generations g where g.id = e.shadow_generation_id and g.state not in ('next', 'withdrawn')`);
    await runner.query('alter table end_entities drop column shadow_serial_number, drop column shadow_generation_id');
    await runner.query('drop index one_previous_generation, one_pending_generation');
    // An older release knows neither of them. As previous ones they are kept, with what they have issued.
    await runner.query(`update authority_generations set state = 'previous' where state in ('retired', 'withdrawn')`);
    await runner.query(`alter table authority_generations drop constraint authority_generations_state_check,
      add constraint authority_generations_state_check check (${FORMER_STATES}),
      drop column activate_at, drop column overlap_hours, drop column opens_until`);
  }
}

const statements = [
  // activate_at: when a next generation becomes the current one. overlap_hours: how long the one before it then still
  // opens messages; null: as the authority's settings say. opens_until: the end of that, for a previous generation.
  `alter table authority_generations
    drop constraint authority_generations_state_check,
    add constraint authority_generations_state_check check (${STATES}),
    add column activate_at timestamptz, add column overlap_hours integer, add column opens_until timestamptz`,
  // Former ones of any kind, where this migration was taken back before.
  `update authority_generations set state = 'retired' where state = 'previous'`,
  `create unique index one_previous_generation on authority_generations (authority_id) where state = 'previous'`,
  `create unique index one_pending_generation on authority_generations (authority_id) where state = 'pending'`,
  // The certificate that the next generation gave; it takes the place of the latest one when that generation's turn comes.
  // In the row that an issue locks, so that of two requests at once one gets it.
  `alter table end_entities add column shadow_serial_number bytea, add column shadow_generation_id integer`,
];
