import { Injectable } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { DevicePool } from '../database/pg-pool';

/**
 * The primary key begins with the authority, and the serial number names the partition. What is kept back until a foreign
 * service has heard of it is given to nobody.
 */
const BY_SERIAL_NUMBER = `select certificate, username, generation_id as "generationId" from certificates c
  where authority_id = any($1::integer[]) and serial_number = $2 and not exists (
    select from unreleased_certificates u where u.authority_id = c.authority_id and u.serial_number = c.serial_number)`;

/** A certificate as devices ask for it. */
export interface IssuedCertificateRow {
  /** DER. */
  readonly certificate: Buffer;
  /** As the end entity was called when it was issued. */
  readonly username: string;
  /** Of the authority's generation that issued it. */
  readonly generationId: number;
}

/** Finds issued certificates for devices, in one indexed read. */
@Injectable()
export class IssuedCertificateReader {
  constructor(private readonly pool: DevicePool) {}

  /**
   * The certificate with this serial number of one of these authorities.
   *
   * @param serialNumber big-endian magnitude without leading zero octets
   * @throws ServiceError `overloaded` or `outcome-unknown` where the database does not answer
   */
  async find(authorityIds: readonly number[], serialNumber: Buffer): Promise<IssuedCertificateRow | undefined> {
    const { rows } = await this.pool.query<IssuedCertificateRow & QueryResultRow>({
      name: 'certificate-by-serial-number',
      text: BY_SERIAL_NUMBER,
      values: [authorityIds, serialNumber],
    });
    return rows[0];
  }
}
