import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { CertificateRevocation } from './certificate-revocation';

const DUE = `select s.authority_id as "authorityId", s.serial_number as "serialNumber", a.name as authority
  from superseded_certificates s join authorities a on a.id = s.authority_id
  where s.due_at <= $1 order by s.due_at limit $2`;

// The certificate may have been revoked by someone else, or be gone.
const FORGET = `delete from superseded_certificates s where s.authority_id = $1 and s.serial_number = $2
  and not exists (select from certificates c
    where c.authority_id = $1 and c.serial_number = $2 and c.revoked_at is null)`;

/** Certificates whose place newer ones have taken, and which are revoked a while later (`limits.supersede` of an alias). */
@Injectable()
export class SupersededCertificates {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly revocation: CertificateRevocation,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Revokes at most `limit` of those whose time has come. */
  async revokeDue(limit: number): Promise<void> {
    const due = await this.dataSource.query<{ authorityId: number; serialNumber: Buffer; authority: string }[]>(DUE, [
      this.clock.now(),
      limit,
    ]);
    for (const { authorityId, serialNumber, authority } of due) {
      await this.revoke(authority, serialNumber);
      await this.dataSource.query(FORGET, [authorityId, serialNumber]);
    }
  }

  private async revoke(authority: string, serialNumber: Buffer): Promise<void> {
    try {
      await this.revocation.revoke('gateway', authority, serialNumber, 'superseded');
    } catch (error) {
      const isOver = error instanceof ServiceError && (error.code === 'conflict' || error.code === 'not-found');
      if (!isOver) throw error;
    }
  }
}
