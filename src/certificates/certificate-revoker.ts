import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { NOTE_REVOCATION } from '../notifications/outbox-statement';
import {
  certificateRecord,
  SELECT_CERTIFICATES,
  type CertificateRecord,
  type CertificateRow,
} from './certificate-record';
import { REVOCATION_REASONS, type RevocationReason } from './revocation-reason';

/** Marks certificates as revoked. */
@Injectable()
export class CertificateRevoker {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Revokes a certificate, puts it on hold (`certificateHold`) or takes it off again (`removeFromCRL`), in the transaction
   * of `manager`. One on hold can be revoked for good; the date remains that of the hold, since which nobody was to rely
   * on it. What is revoked for good stays so. A key that is revoked for `keyCompromise` is certified for nobody again.
   *
   * @param serialNumber big-endian magnitude
   * @returns the certificate as it is now
   * @throws ServiceError `not-found`, or `conflict` where its present state does not allow it
   */
  async revoke(
    manager: EntityManager,
    authority: string,
    serialNumber: Buffer,
    reason: RevocationReason,
  ): Promise<CertificateRecord> {
    const before = await this.locked(manager, authority, serialNumber);
    const onHold = before.revocationReason === 'certificateHold';
    if (reason === 'removeFromCRL' && !onHold)
      throw new ServiceError('conflict', 'the certificate is not on hold, so there is nothing to take back');
    if (before.revokedAt !== null && (!onHold || reason === 'certificateHold'))
      throw new ServiceError('conflict', `the certificate is already revoked (${before.revocationReason ?? ''})`);
    const released = reason === 'removeFromCRL';
    const revokedAt = released ? null : (before.revokedAt ?? this.clock.now());
    await manager.query(
      'update certificates set revoked_at = $3, revocation_reason = $4 where authority_id = $1 and serial_number = $2',
      [before.authorityId, serialNumber, revokedAt, released ? null : REVOCATION_REASONS[reason]],
    );
    // What the next CRL has to show. Until this transaction ends others that revoke in this generation wait here.
    await manager.query(
      `insert into revocation_revisions (generation_id, revision)
       select generation_id, 1 from certificates where authority_id = $1 and serial_number = $2
       on conflict (generation_id) do update set revision = revocation_revisions.revision + 1`,
      [before.authorityId, serialNumber],
    );
    const details = JSON.stringify({ reason, revokedAt: revokedAt?.toISOString() ?? null });
    await manager.query(NOTE_REVOCATION, [before.authorityId, serialNumber, this.clock.now(), details]);
    if (reason === 'keyCompromise')
      await manager.query(
        `insert into compromised_keys select public_key_hash, $3 from certificates
         where authority_id = $1 and serial_number = $2 on conflict do nothing`,
        [before.authorityId, serialNumber, revokedAt],
      );
    return { ...before, revokedAt, revocationReason: released ? null : reason };
  }

  /** Whether the end entity has a certificate that is neither revoked for good nor expired: one on hold may be released. */
  async hasValidCertificate(manager: EntityManager, endEntityId: string): Promise<boolean> {
    const [row] = await manager.query<{ has: boolean }[]>(
      `select exists(select from certificates
        where end_entity_id = $1 and not_after >= $2 and (revoked_at is null or revocation_reason = $3)) as has`,
      [endEntityId, this.clock.now(), REVOCATION_REASONS.certificateHold],
    );
    return row?.has === true;
  }

  private async locked(manager: EntityManager, authority: string, serialNumber: Buffer): Promise<CertificateRecord> {
    const [row] = await manager.query<CertificateRow[]>(
      `${SELECT_CERTIFICATES} where a.name = $1 and c.serial_number = $2 for update of c`,
      [authority, serialNumber],
    );
    if (row === undefined)
      throw new ServiceError('not-found', 'this authority has issued no certificate with that serial number');
    return certificateRecord(row);
  }
}
