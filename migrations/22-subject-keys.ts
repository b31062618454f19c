import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Blanks at the ends of a value make no other subject (RFC 5280 section 7.1): with them one that belongs to somebody could be
 * had once more. Values without such blanks keep their key.
 */
export class SubjectKeys1700000000022 implements MigrationInterface {
  readonly name = 'SubjectKeys1700000000022';

  async up(runner: QueryRunner): Promise<void> {
    // In the text of a name a blank at either end of a value stands behind a backslash.
    const collapsed = `regexp_replace(normalize(subject, NFKC), '\\s+', ' ', 'g')`;
    const withoutLeading = `regexp_replace(${collapsed}, '=\\\\ ', '=', 'g')`;
    await runner.query(subjectKey(`regexp_replace(${withoutLeading}, ' ?\\\\ (?=[,+]|$)', '', 'g')`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(subjectKey(`normalize(regexp_replace(subject, '\\s+', ' ', 'g'), NFKC)`));
  }
}

const subjectKey = (compared: string): string =>
  `create or replace function subject_key(subject text) returns bytea language sql immutable strict parallel safe
    return sha256(convert_to(lower(${compared}), 'UTF8'))`;
