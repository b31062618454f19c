import { invalidInput } from '../common/checked-input';
import type { Clock } from '../common/clock';
import type { RandomSource } from '../common/random-source';
import type { KeyAlgorithm } from '../keys/key-algorithm';
import type { KeyStore, NewKey } from '../keys/key-store';
import type { Signer } from '../keys/software-key';
import type { Certificate } from '../pki/x509/certificate';
import type { Generation } from './authority';
import { verifyAuthorityChain, type VerifiedChain } from './authority-chain';
import { refuseWithoutRsa } from './authority.factory';
import type { Successor } from './authority.repository';
import type { AuthoritySettings } from './authority-settings';
import { buildCaRequest, buildRootCertificate, caExtensions, caKeyUsage } from './ca-certificate';
import { certificateIssuer, signCertificate } from './issue-certificate';
import type { RaCertificateService } from './ra-certificate.service';
import { newSerialNumber } from './serial-number';
import { backdated, daysLater } from './validity';

/** Who certifies the next generation: itself, an authority of this gateway, or a CA elsewhere. */
export type SuccessorIssuer = 'itself' | 'external' | Generation;

/** What the next generation shall be. */
export interface SuccessorPlan {
  /** The CA certificate that it follows; its subject stays. */
  readonly present: Certificate;
  readonly key: SuccessorKey;
  readonly validityDays: number;
  readonly validFrom: 'switch' | 'now';
  readonly activateAt: Date | null;
  readonly overlapHours: number | null;
}

/** A key that is there already, or was made for the next generation. */
export interface SuccessorKey {
  readonly id: string;
  readonly signer: Signer;
  readonly made: NewKey | undefined;
}

/** Makes keys and certificates of next generations; writes nothing. */
export class SuccessorFactory {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly raCertificates: RaCertificateService,
    private readonly clock: Clock,
    private readonly random: RandomSource,
  ) {}

  /** A new key. Takes as long as generating it does. */
  async newKey(algorithm: KeyAlgorithm): Promise<SuccessorKey> {
    const made = await this.keyStore.generate(algorithm);
    return { id: made.id, signer: made.signer, made };
  }

  /** The key of a generation that is there. */
  async sameKey(id: string): Promise<SuccessorKey> {
    return { id, signer: await this.keyStore.signer(id), made: undefined };
  }

  /**
   * A next generation. One that is to take its turn at a set time is valid from then on unless it is wanted at once.
   *
   * @throws ServiceError `invalid-input`, `authority-unavailable` (the issuer has ended by then)
   */
  async successor(plan: SuccessorPlan, issuer: SuccessorIssuer, settings: AuthoritySettings): Promise<Successor> {
    const { key, activateAt, overlapHours, present } = plan;
    refuseWithoutRsa(key.signer.publicKey, settings);
    const common = { keyId: key.id, newKey: key.made, activateAt, overlapHours };
    if (issuer === 'external') {
      const keyUsage = caKeyUsage(key.signer.publicKey, settings);
      const request = await buildCaRequest(key.signer, {
        subject: present.subject,
        digest: settings.digest,
        keyUsage,
      });
      return { ...common, certificate: undefined, request, chain: [], raCertificates: [] };
    }
    const { certificate, chain } =
      issuer === 'itself' ? await this.root(plan, settings) : await this.subordinate(plan, issuer, settings);
    const own = certificateIssuer(certificate, key.signer, settings.digest);
    const raCertificates = await this.raCertificates.first(own, settings);
    return { ...common, certificate, request: undefined, chain, raCertificates };
  }

  private async root(plan: SuccessorPlan, settings: AuthoritySettings): Promise<VerifiedChain> {
    const { key, present } = plan;
    const certificate = await buildRootCertificate(key.signer, {
      serialNumber: newSerialNumber(this.random),
      subject: present.subject,
      ...this.validity(plan),
      digest: settings.digest,
      keyUsage: caKeyUsage(key.signer.publicKey, settings),
    });
    return { certificate, chain: [] };
  }

  private async subordinate(
    plan: SuccessorPlan,
    issuer: Generation,
    settings: AuthoritySettings,
  ): Promise<VerifiedChain> {
    const { key, present, activateAt } = plan;
    const { publicKey } = key.signer;
    if (activateAt !== null && activateAt >= issuer.certificate.notAfter)
      throw invalidInput([{ field: 'activateAt', message: 'must be before the end of the issuer' }]);
    const certificate = await signCertificate(issuer, {
      serialNumber: newSerialNumber(this.random),
      subject: present.subject,
      spki: publicKey.spki,
      ...this.validity(plan),
      extensions: caExtensions(caKeyUsage(publicKey, settings)),
    });
    const above = [certificate, issuer.certificate, ...issuer.chain];
    return verifyAuthorityChain(above, publicKey, this.clock.now(), 'issuer', 'begins');
  }

  private validity({ activateAt, validFrom, validityDays }: SuccessorPlan): { notBefore: Date; notAfter: Date } {
    const now = this.clock.now();
    return {
      notBefore: activateAt === null || validFrom === 'now' ? backdated(now) : activateAt,
      notAfter: daysLater(activateAt ?? now, validityDays),
    };
  }
}
