import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes for the approvals of one user name or transactionID, by which an administrator looks for those of a device. */
export class ApprovalSearches1700000000009 implements MigrationInterface {
  readonly name = 'ApprovalSearches1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index approvals_by_username on approvals (username, created_at, id)');
    await runner.query('create index approvals_by_transaction on approvals (transaction_id, created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index approvals_by_username, approvals_by_transaction');
  }
}
