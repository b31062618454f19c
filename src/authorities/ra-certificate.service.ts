import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { In, type DataSource, type EntityManager } from 'typeorm';
import { AuditedChange } from '../audit/audited-change';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { KeyStore } from '../keys/key-store';
import { Certificate } from '../pki/x509/certificate';
import { AuthorityGenerationEntity, type GenerationState } from './authority-generation.entity';
import { authoritySettings, type AuthoritySettings } from './authority-settings';
import { AuthorityEntity } from './authority.entity';
import { AuthorityRepository } from './authority.repository';
import { certificateIssuer, type CertificateIssuer } from './issue-certificate';
import { RaCertificateEntity } from './ra-certificate.entity';
import { RaCertificateIssuer, type NewRaCertificate } from './ra-certificate.issuer';
import { planRaCertificates, raCertificateMode, type RaCertificatePlan } from './ra-certificate.policy';

/** A generation that has its certificate, which is all of them that RA certificates are made for. */
type Certified = AuthorityGenerationEntity & { readonly certificate: Buffer };

/** RA certificates that are not in the database yet, by the id of the generation that issued them. */
export type PreparedRaCertificates = ReadonlyMap<number, readonly NewRaCertificate[]>;

/** What {@link RaCertificateService.apply} changed. */
export interface RaCertificateChanges {
  readonly issued: readonly NewRaCertificate[];
  /** How many became previous. */
  readonly retired: number;
  /** How many expired previous ones were deleted. */
  readonly removed: number;
}

/** Keeps each authority in the RA certificates that its settings ask for, fresh ones in time. */
@Injectable()
export class RaCertificateService {
  private readonly issuer: RaCertificateIssuer;
  private readonly repository: AuthorityRepository;

  constructor(
    @Inject(getDataSourceToken()) private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly keyStore: KeyStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) random: RandomSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.issuer = new RaCertificateIssuer(keyStore, random);
    this.repository = new AuthorityRepository(keyStore);
  }

  /**
   * Renews what is due in all authorities and removes what is expired. What fails for one authority is logged and does
   * not keep the others from theirs. Safe if several processes do it at once: one's certificates are kept.
   */
  async renewDue(): Promise<void> {
    const authorities = await this.dataSource.manager.find(AuthorityEntity, { order: { id: 'ASC' } });
    for (const { name } of authorities) {
      try {
        await this.renewAuthority(name);
      } catch (error) {
        // Deleted since the list was read.
        if (error instanceof ServiceError && error.code === 'not-found') continue;
        this.logger.error({ err: error, authority: name }, 'the RA certificates could not be renewed');
      }
    }
  }

  /** The RA certificates for a CA certificate that has none yet. Takes as long as generating RSA keys does. */
  async first(issuer: CertificateIssuer, settings: AuthoritySettings): Promise<NewRaCertificate[]> {
    const { issue } = this.plan(issuer.certificate, [], settings);
    return this.issuer.issue(issue, issuer, settings, this.clock.now());
  }

  /**
   * The RA certificates that the current and the next generation would need under these settings. Do it before a
   * transaction.
   */
  async prepare(authorityId: number, settings: AuthoritySettings): Promise<PreparedRaCertificates> {
    const { manager } = this.dataSource;
    const prepared = new Map<number, readonly NewRaCertificate[]>();
    for (const generation of await this.speaking(manager, authorityId)) {
      const { issue } = await this.planFor(manager, generation, settings);
      const signer = await this.keyStore.signer(generation.keyId);
      const issuer = certificateIssuer(Certificate.read(generation.certificate), signer, settings.digest);
      prepared.set(generation.id, await this.issuer.issue(issue, issuer, settings, this.clock.now()));
    }
    return prepared;
  }

  /**
   * Puts prepared RA certificates in the place of those that are due or no longer wanted, in a transaction that holds
   * the authority's lock. Prepared ones that are not needed any more are dropped. Throws {@link ServiceError}
   * (`conflict`) when one is needed that was not prepared, since someone else changed the authority meanwhile.
   *
   * @param only the id of the one generation to look at; by default the current and the next one
   * @returns what was changed; undefined when nothing was
   */
  async apply(
    manager: EntityManager,
    authorityId: number,
    settings: AuthoritySettings,
    prepared: PreparedRaCertificates,
    only?: number,
  ): Promise<RaCertificateChanges | undefined> {
    const changes: RaCertificateChanges[] = [];
    for (const generation of await this.speaking(manager, authorityId))
      if (only === undefined || only === generation.id)
        changes.push(await this.applyTo(manager, generation, settings, prepared.get(generation.id) ?? []));
    const sum = {
      issued: changes.flatMap(({ issued }) => issued),
      retired: changes.reduce((total, { retired }) => total + retired, 0),
      removed: changes.reduce((total, { removed }) => total + removed, 0),
    };
    return sum.issued.length + sum.retired + sum.removed > 0 ? sum : undefined;
  }

  /** Removes all RA certificates of a generation with their keys, in the transaction of `manager`. */
  async removeAll(manager: EntityManager, generationId: number): Promise<void> {
    const all = await manager.findBy(RaCertificateEntity, { generationId });
    await this.remove(
      manager,
      all.map(({ id }) => id),
    );
  }

  private async applyTo(
    manager: EntityManager,
    generation: Certified,
    settings: AuthoritySettings,
    prepared: readonly NewRaCertificate[],
  ): Promise<RaCertificateChanges> {
    const plan = await this.planFor(manager, generation, settings);
    const issued = prepared.filter(({ purpose }) => plan.issue.includes(purpose));
    if (issued.length < plan.issue.length)
      throw new ServiceError('conflict', 'the authority was changed meanwhile: try again');
    if (plan.retire.length > 0) await manager.update(RaCertificateEntity, [...plan.retire], { state: 'previous' });
    await this.repository.insertRaCertificates(manager, generation.id, issued);
    await this.remove(manager, plan.remove);
    return { issued, retired: plan.retire.length, removed: plan.remove.length };
  }

  private async renewAuthority(name: string): Promise<void> {
    const before = await this.repository.find(this.dataSource.manager, name);
    const settings = authoritySettings(before.settings);
    if (!(await this.isSomethingDue(before.id, settings))) return;
    const prepared = await this.prepare(before.id, settings);
    await this.auditedChange.make(async (manager, record) => {
      const authority = await this.repository.lock(manager, name);
      const changes = await this.apply(manager, authority.id, authoritySettings(authority.settings), prepared);
      if (changes === undefined) return;
      const [action, target] = ['authority.renew-ra-certificates', `authorities/${name}`];
      await record({ actor: 'gateway', action, target, details: describe(changes) });
    });
  }

  private async isSomethingDue(authorityId: number, settings: AuthoritySettings): Promise<boolean> {
    const { manager } = this.dataSource;
    for (const generation of await this.speaking(manager, authorityId)) {
      const { issue, retire, remove } = await this.planFor(manager, generation, settings);
      if (issue.length + retire.length + remove.length > 0) return true;
    }
    return false;
  }

  /** The generations that devices are shown: the current and the next one. */
  private async speaking(manager: EntityManager, authorityId: number): Promise<Certified[]> {
    const where = { authorityId, state: In(['current', 'next'] satisfies GenerationState[]) };
    const generations = await manager.find(AuthorityGenerationEntity, { where, order: { number: 'ASC' } });
    return generations.filter((generation): generation is Certified => generation.certificate !== null);
  }

  private async planFor(
    manager: EntityManager,
    generation: Certified,
    settings: AuthoritySettings,
  ): Promise<RaCertificatePlan> {
    const existing = await manager.findBy(RaCertificateEntity, { generationId: generation.id });
    return this.plan(Certificate.read(generation.certificate), existing, settings);
  }

  private plan(
    certificate: Certificate,
    existing: readonly RaCertificateEntity[],
    settings: AuthoritySettings,
  ): RaCertificatePlan {
    return planRaCertificates(
      raCertificateMode(settings, certificate),
      existing.map(({ id, purpose, state, notAfter, certificate: der }) => ({
        id,
        purpose,
        state,
        notBefore: Certificate.read(der).notBefore,
        notAfter,
      })),
      settings,
      certificate.notAfter,
      this.clock.now(),
    );
  }

  private async remove(manager: EntityManager, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const expired = await manager.findBy(RaCertificateEntity, { id: In([...ids]) });
    await manager.delete(RaCertificateEntity, [...ids]);
    await this.keyStore.delete(
      expired.map(({ keyId }) => keyId),
      manager,
    );
  }
}

/** The changes for the audit log. */
function describe({ issued, retired, removed }: RaCertificateChanges): Record<string, unknown> {
  return {
    issued: issued.map(({ purpose, certificate }) => ({ purpose, serialNumber: certificate.serialHex })),
    retired,
    removed,
  };
}
