import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ServiceError } from '../common/service-error';
import { withCustomPlans } from '../database/custom-plan';
import {
  certificateRecord,
  SELECT_CERTIFICATES,
  type CertificateRecord,
  type CertificateRow,
} from './certificate-record';

/** Which certificates are asked for; what is absent does not restrict. */
export interface CertificateFilter {
  /** Those of the end entity that is called so now, and of those that were called so and are gone. */
  readonly username?: string;
  /** Name of the authority. */
  readonly authority?: string;
  readonly alias?: string;
  /** Big-endian magnitude. */
  readonly serialNumber?: Buffer;
}

/** The place of one certificate in the list. */
export interface CertificatePosition {
  readonly issuedAt: Date;
  readonly authorityId: number;
  readonly serialNumber: Buffer;
}

/** Finds issued certificates. */
@Injectable()
export class CertificateFinder {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** At most `limit` certificates, newest first, those behind `after` where it is given. */
  async list(filter: CertificateFilter, limit: number, after?: CertificatePosition): Promise<CertificateRecord[]> {
    const values: unknown[] = [];
    const value = (item: unknown): string => `$${values.push(item)}`;
    const conditions: string[] = [];
    if (filter.username !== undefined) {
      const username = value(filter.username);
      // Both halves can use the index on end_entity_id; there is none on the user name.
      conditions.push(`(c.end_entity_id = (select id from end_entities where username = ${username})
        or c.end_entity_id is null and c.username = ${username})`);
    }
    if (filter.authority !== undefined)
      conditions.push(`c.authority_id = (select id from authorities where name = ${value(filter.authority)})`);
    if (filter.alias !== undefined) conditions.push(`c.alias = ${value(filter.alias)}`);
    // With the authority's id too, for the primary key begins with it.
    if (filter.serialNumber !== undefined)
      conditions.push(`c.serial_number = ${value(filter.serialNumber)}
        and c.authority_id = any(array(select id from authorities))`);
    if (after !== undefined)
      conditions.push(`(c.issued_at, c.authority_id, c.serial_number) <
        (${value(after.issuedAt)}, ${value(after.authorityId)}, ${value(after.serialNumber)})`);
    const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
    const sql = `${SELECT_CERTIFICATES} ${where}
       order by c.issued_at desc, c.authority_id desc, c.serial_number desc limit ${value(limit)}`;
    const rows = await withCustomPlans(
      this.dataSource,
      (runner) => runner.query(sql, values) as Promise<CertificateRow[]>,
    );
    return rows.map(certificateRecord);
  }

  /**
   * The certificate with that serial number (big-endian magnitude) of that authority.
   *
   * @throws ServiceError `not-found`
   */
  async get(authority: string, serialNumber: Buffer): Promise<CertificateRecord> {
    const [row] = await this.dataSource.query<CertificateRow[]>(
      `${SELECT_CERTIFICATES} where a.name = $1 and c.serial_number = $2`,
      [authority, serialNumber],
    );
    if (row === undefined)
      throw new ServiceError('not-found', 'this authority has issued no certificate with that serial number');
    return certificateRecord(row);
  }
}
