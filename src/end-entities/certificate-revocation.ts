import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditedChange } from '../audit/audited-change';
import { CrlIssuer } from '../authorities/crl-issuer';
import type { CertificateRecord } from '../certificates/certificate-record';
import { CertificateRevoker } from '../certificates/certificate-revoker';
import type { RevocationReason } from '../certificates/revocation-reason';
import { ServiceError } from '../common/service-error';
import { CLOCK, type Clock } from '../common/clock';
import { EndEntityStatus } from './end-entity-status';
import { EndEntityEntity } from './end-entity.entity';
import { forgetShadowCertificate } from './shadow-certificate';

/** What more is to be done where a certificate is revoked before anybody has got it: its end entity may enrol again. */
export interface Undelivered {
  /** Is asked first, in the same transaction, whose locks it may take; false: it is not as it was taken for. */
  readonly proviso: (manager: EntityManager) => Promise<boolean>;
}

/** Revokes certificates for administrators. */
@Injectable()
export class CertificateRevocation {
  constructor(
    private readonly auditedChange: AuditedChange,
    private readonly certificates: CertificateRevoker,
    private readonly crls: CrlIssuer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Revokes a certificate, see {@link CertificateRevoker.revoke}. If with it the end entity has lost its last valid
   * certificate, its status GENERATED becomes REVOKED. A hold changes no status, since it is expected to end; nor does
   * the status of one that may enrol again change, since that was someone's decision. Once it is committed, the
   * authority issues a CRL, unless it is set to wait for the one that is due next.
   *
   * @param undelivered set where nobody has got the certificate
   * @throws ServiceError what {@link CertificateRevoker.revoke} throws, and `conflict` where the proviso does not hold
   */
  async revoke(
    actor: string,
    authority: string,
    serialNumber: Buffer,
    reason: RevocationReason,
    undelivered?: Undelivered,
  ): Promise<CertificateRecord> {
    const revoked = await this.auditedChange.make(async (manager, record) => {
      if (undelivered !== undefined && !(await undelivered.proviso(manager)))
        throw new ServiceError('conflict', 'what the revocation was based on has changed meanwhile');
      const certificate = await this.certificates.revoke(manager, authority, serialNumber, reason);
      const temporary = reason === 'certificateHold' || reason === 'removeFromCRL';
      const isLast = !temporary && (await this.closeEndEntity(manager, certificate));
      const reopened = undelivered !== undefined && (await this.reopenEndEntity(manager, certificate, isLast));
      if (!temporary && certificate.endEntityId !== null)
        await forgetShadowCertificate(manager, certificate.endEntityId, serialNumber);
      await record({
        actor,
        action: 'certificate.revoke',
        target: `certificates/${authority}/${serialNumber.toString('hex')}`,
        details: {
          reason,
          username: certificate.username,
          subject: certificate.subject,
          ...(isLast || reopened ? { endEntityStatus: reopened ? 'NEW' : 'REVOKED' } : {}),
        },
      });
      return certificate;
    });
    await this.crls.afterRevocation(revoked.authorityId, revoked.generation);
    return revoked;
  }

  /**
   * As an administrator who sets it to NEW, for one request. It is only what the certificate has changed that is taken back:
   * one that was closed otherwise, or has got another certificate since, stays as it is.
   */
  private async reopenEndEntity(
    manager: EntityManager,
    { endEntityId, serialNumber }: CertificateRecord,
    isLast: boolean,
  ): Promise<boolean> {
    if (endEntityId === null) return false;
    const status = isLast ? EndEntityStatus.REVOKED : EndEntityStatus.GENERATED;
    const { affected } = await manager.update(
      EndEntityEntity,
      { id: endEntityId, status, latestSerialNumber: serialNumber },
      { status: EndEntityStatus.NEW, remainingRequests: 1, epoch: () => 'epoch + 1', updatedAt: this.clock.now() },
    );
    return affected === 1;
  }

  private async closeEndEntity(manager: EntityManager, { endEntityId }: CertificateRecord): Promise<boolean> {
    if (endEntityId === null || (await this.certificates.hasValidCertificate(manager, endEntityId))) return false;
    const { affected } = await manager.update(
      EndEntityEntity,
      { id: endEntityId, status: EndEntityStatus.GENERATED },
      { status: EndEntityStatus.REVOKED, updatedAt: this.clock.now() },
    );
    return affected === 1;
  }
}
