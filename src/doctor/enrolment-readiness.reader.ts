import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ENROLLING_STATUSES } from '../end-entities/end-entity-status';

/** Who and what stands behind the authorities of an alias. */
export interface EnrolmentReadiness {
  /** Ids of the certificate profiles that end entities of these authorities have. */
  readonly certificateProfileIds: readonly number[];
  readonly hasEnrollingEndEntity: boolean;
}

// Each looks for one row only: there may be millions.
const PROFILES = `select p.id from certificate_profiles p
  where exists (select from end_entities e where e.certificate_profile_id = p.id and e.authority_id = any ($1))`;
const ENROLLING = `select exists (select from end_entities where authority_id = any ($1) and status = any ($2)) as found`;

/** Reads {@link EnrolmentReadiness}. */
@Injectable()
export class EnrolmentReadinessReader {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @param authorityIds of the alias */
  async read(authorityIds: readonly number[]): Promise<EnrolmentReadiness> {
    const profiles = await this.dataSource.query<{ id: number }[]>(PROFILES, [authorityIds]);
    const [row] = await this.dataSource.query<{ found: boolean }[]>(ENROLLING, [authorityIds, ENROLLING_STATUSES]);
    return { certificateProfileIds: profiles.map(({ id }) => id), hasEnrollingEndEntity: row?.found === true };
  }
}
