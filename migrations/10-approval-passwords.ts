import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The approvals whose challengePassword is still kept for the answers to polls, for the job that forgets it. */
export class ApprovalPasswords1700000000010 implements MigrationInterface {
  readonly name = 'ApprovalPasswords1700000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index approvals_with_password on approvals (id)
      where state = 'approved' and sealed_challenge_password is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index approvals_with_password');
  }
}
