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
   * @param proviso is asked first, in the same transaction, whose locks it may take
   * @throws ServiceError what {@link CertificateRevoker.revoke} throws, and `conflict` where the proviso does not hold
   */
  async revoke(
    actor: string,
    authority: string,
    serialNumber: Buffer,
    reason: RevocationReason,
    proviso?: (manager: EntityManager) => Promise<boolean>,
  ): Promise<CertificateRecord> {
    const revoked = await this.auditedChange.make(async (manager, record) => {
      if (proviso !== undefined && !(await proviso(manager)))
        throw new ServiceError('conflict', 'what the revocation was based on has changed meanwhile');
      const certificate = await this.certificates.revoke(manager, authority, serialNumber, reason);
      const temporary = reason === 'certificateHold' || reason === 'removeFromCRL';
      const isLast = !temporary && (await this.closeEndEntity(manager, certificate));
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
          ...(isLast ? { endEntityStatus: 'REVOKED' } : {}),
        },
      });
      return certificate;
    });
    await this.crls.afterRevocation(revoked.authorityId, revoked.generation);
    return revoked;
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
