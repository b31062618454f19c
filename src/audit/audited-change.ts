import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { constraintViolation } from '../database/constraint-violation';
import { TransactionRunner } from '../database/transaction-runner';
import { AuditLog, type AuditEntry } from './audit-log';

/** What a broken rule of the schema means to the administrator, by the name of the constraint. */
export type Conflicts = Readonly<Record<string, () => ServiceError>>;

/** Writes an audit event in the transaction of the change. */
export type Recorder = (entry: AuditEntry) => Promise<void>;

/** How administrators change anything: in one transaction with its audit event, and seen by this process at once. */
@Injectable()
export class AuditedChange {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly configurationVersion: ConfigurationVersion,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * Runs `work` in one transaction, which must record at least one event, and returns what it returns once that is
   * committed and this process's caches know that something changed.
   *
   * @param conflicts constraints that a wrong or late input can break; a breach of any other is a bug
   */
  async make<T>(work: (manager: EntityManager, record: Recorder) => Promise<T>, conflicts: Conflicts = {}): Promise<T> {
    const result = await this.committed(work, conflicts);
    await this.configurationVersion.refresh();
    return result;
  }

  private async committed<T>(
    work: (manager: EntityManager, record: Recorder) => Promise<T>,
    conflicts: Conflicts,
  ): Promise<T> {
    try {
      return await this.transactions.inTransaction((manager) =>
        work(manager, (entry) => this.auditLog.append(manager, entry)),
      );
    } catch (error) {
      const conflict = conflicts[constraintViolation(error)?.constraint ?? ''];
      throw conflict === undefined ? error : conflict();
    }
  }
}
