import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import { ServiceError } from '../common/service-error';
import { serverSaidNo } from './connection-loss';

/** A prepared statement with its values. The server parses it once per connection and name. */
export interface NamedStatement {
  /** At most 63 bytes; one name stands for one text for ever. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const ANSWER_TIMEOUT_MS = 10_000;

/**
 * The device path's way to the database: named statements, each a transaction of its own, on TypeORM's pool. It tells
 * "the server said no" from "nobody knows" (docs/adr/0005).
 */
@Injectable()
export class DevicePool {
  /** @param dataSource initialised; its pool is shared with TypeORM */
  constructor(@Inject(getDataSourceToken()) private readonly dataSource: DataSource) {}

  /**
   * Runs one statement.
   *
   * @throws ServiceError `overloaded` if no connection could be had: nothing was sent, nothing happened
   * @throws ServiceError `outcome-unknown` if the answer did not come: whether a write was committed only a later read
   *   can tell
   * @throws the driver's error, with its SQLSTATE in `code`, if the server refused: nothing happened
   */
  async query<Row extends QueryResultRow = QueryResultRow>(statement: NamedStatement): Promise<QueryResult<Row>> {
    const client = await this.connect();
    let lost: Error | undefined;
    // Without a listener a connection that dies between two events would end the process.
    const onLost = (error: Error): void => {
      lost = error;
    };
    client.on('error', onLost);
    try {
      return await client.query<Row>({ ...statement, values: [...statement.values], ...ANSWER_TIMEOUT });
    } catch (error) {
      if (serverSaidNo(error)) throw error;
      lost = error instanceof Error ? error : new Error('unknown failure');
      throw new ServiceError('outcome-unknown', 'it is not known whether the request was carried out; ask again', {
        cause: error,
        rule: 'database.connection-lost',
      });
    } finally {
      client.removeListener('error', onLost);
      // A connection in doubt is closed, not handed to the next one.
      client.release(lost);
    }
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await poolOf(this.dataSource).connect();
    } catch (error) {
      throw new ServiceError('overloaded', 'the database cannot be reached at the moment; ask again', {
        cause: error,
        rule: 'database.no-connection',
      });
    }
  }
}

// Understood by pg for a single statement, though its types only know it for a whole connection.
const ANSWER_TIMEOUT = { query_timeout: ANSWER_TIMEOUT_MS };

/** The pg pool inside an initialised DataSource. */
function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}
