import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { ServiceError } from '../common/service-error';
import { serverSaidNo, sqlState } from './connection-loss';

const DEADLOCK_DETECTED = '40P01';
const MAX_ATTEMPTS = 4;

/** Runs units of work of the administration: all of it is committed, or none. */
@Injectable()
export class TransactionRunner {
  /** @param dataSource the database */
  constructor(@Inject(getDataSourceToken()) private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction, and anew if it was the victim of a deadlock, so `work` must do nothing else than what
   * its transaction takes back.
   *
   * @returns what `work` returned, once it is committed
   * @throws whatever `work` throws, after everything was rolled back
   * @throws ServiceError `outcome-unknown` if the connection was lost, for it may have been lost after the commit
   */
  async inTransaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        // The server has rolled it back whole, so that whoever got in the way can finish.
        if (sqlState(error) !== DEADLOCK_DETECTED || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  private async attempt<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(work);
    } catch (error) {
      if (!lostItsConnection(error)) throw error;
      throw new ServiceError(
        'outcome-unknown',
        'it is not known whether the change was made; look before repeating it',
        {
          cause: error,
          rule: 'database.connection-lost',
        },
      );
    }
  }
}

// Errors that `work` itself throws carry no SQLSTATE either, so here the signs of a lost connection are looked for.
function lostItsConnection(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ServiceError) return false;
  if (sqlState(error) !== undefined) return !serverSaidNo(error);
  // How TypeORM tells that the connection went between two statements.
  if (error instanceof QueryRunnerProviderAlreadyReleasedError) return true;
  const { code } = error as { code?: unknown };
  return /^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(String(code)) || /connection (terminated|error)/i.test(error.message);
}
