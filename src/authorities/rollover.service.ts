import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditedChange, type Recorder } from '../audit/audited-change';
import { invalidInput } from '../common/checked-input';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import type { KeyAlgorithm } from '../keys/key-algorithm';
import { KeyStore } from '../keys/key-store';
import { Certificate } from '../pki/x509/certificate';
import { AuthorityCatalogue } from './authority-catalogue';
import { AuthorityGenerationEntity, type GenerationState } from './authority-generation.entity';
import { AuthorityEntity } from './authority.entity';
import { AuthorityRepository, type AuthorityRecord, type GenerationRecord } from './authority.repository';
import { authoritySettings } from './authority-settings';
import { fingerprints } from './fingerprint';
import { RaCertificateService } from './ra-certificate.service';
import { SuccessorFactory, type SuccessorIssuer } from './successor.factory';
import { wholeSeconds } from './validity';

/** What an administrator asks for. */
export interface RolloverRequest {
  /** Whether the next generation gets a key of its own or goes on with the present one. */
  readonly key: 'new' | 'same';
  /** Of a new key; by default that of the present one. */
  readonly keyAlgorithm?: KeyAlgorithm | undefined;
  /** By default as long as the present certificate's. Not for an external root, who decides it. */
  readonly validityDays?: number | undefined;
  /**
   * From when on the next certificate is valid: by default from its turn on, as devices expect, which keep it until then.
   * Some check that what signs an answer is valid at that moment; for them it can be at once.
   */
  readonly validFrom?: 'switch' | 'now' | undefined;
  /** When it takes its turn; by default when an administrator says so, or the present certificate ends. */
  readonly activateAt?: Date | undefined;
  /** How long the present key opens messages after that; by default as the authority's settings say. */
  readonly overlapHours?: number | undefined;
}

/** A generation that certifies or is to. */
type Certified = AuthorityGenerationEntity & { readonly certificate: Buffer };

const DAY = 86_400_000;
const HOUR = 3_600_000;
const COMING: readonly GenerationState[] = ['pending', 'next'];
const GATEWAY = 'gateway';

/** Plans, withdraws and makes rollovers: the change of an authority from one generation to the next (RFC 8894 section 4.7). */
@Injectable()
export class RolloverService {
  private readonly repository: AuthorityRepository;
  private readonly factory: SuccessorFactory;

  constructor(
    @Inject(getDataSourceToken()) private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly catalogue: AuthorityCatalogue,
    private readonly raCertificates: RaCertificateService,
    keyStore: KeyStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) random: RandomSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.repository = new AuthorityRepository(keyStore);
    this.factory = new SuccessorFactory(keyStore, raCertificates, clock, random);
  }

  /**
   * Makes the next generation of an authority: certified by itself for a root, by the present generation of its issuer for
   * a subordinate, else pending until the CA elsewhere has answered. Throws {@link ServiceError}: `not-found`,
   * `invalid-input`, `conflict` (one is planned already, or the authority does not issue yet), `authority-unavailable`.
   */
  async plan(actor: string, name: string, request: RolloverRequest): Promise<AuthorityRecord> {
    const before = await this.repository.record(this.dataSource.manager, name);
    const current = currentOf(before.generations);
    refuseSecond(before.generations.map(({ generation }) => generation));
    const present = Certificate.read(current.generation.certificate);
    const activateAt = request.activateAt && wholeSeconds(request.activateAt);
    this.refuseBadTime(activateAt, present);
    const [issuer, issuerName] = await this.issuerOf(current.generation, present);
    refuseMeaningless(request, issuer);
    const key =
      request.key === 'same'
        ? await this.factory.sameKey(current.generation.keyId)
        : await this.factory.newKey(request.keyAlgorithm ?? (current.keyAlgorithm as KeyAlgorithm));
    const successor = await this.factory.successor(
      {
        present,
        key,
        validityDays: request.validityDays ?? validityDaysOf(present),
        validFrom: request.validFrom ?? 'switch',
        activateAt: activateAt ?? null,
        overlapHours: request.overlapHours ?? null,
      },
      issuer,
      authoritySettings(before.authority.settings),
    );
    await this.auditedChange.make(async (manager, record) => {
      if (issuerName !== undefined) await this.repository.keep(manager, issuerName);
      const authority = await this.repository.lock(manager, name);
      const generations = await this.repository.generations(manager, authority.id);
      refuseSecond(generations);
      const unchanged = JSON.stringify(authority.settings) === JSON.stringify(before.authority.settings);
      if (!unchanged || !generations.some(({ id, state }) => id === current.generation.id && state === 'current'))
        throw new ServiceError('conflict', 'the authority was changed meanwhile: try again');
      const number = Math.max(...generations.map((generation) => generation.number)) + 1;
      await this.repository.insertSuccessor(manager, authority.id, number, successor);
      const { certificate } = successor;
      await this.record(record, actor, 'plan-rollover', name, {
        generation: number,
        key: request.key,
        activateAt: activateAt?.toISOString() ?? null,
        ...(certificate === undefined ? {} : { fingerprint: fingerprints(certificate).sha256 }),
      });
    });
    return this.repository.record(this.dataSource.manager, name);
  }

  /**
   * Takes back a planned rollover. What the next generation has issued until then is kept, to be revoked. Throws
   * {@link ServiceError}: `not-found`, `conflict` (none is planned).
   */
  async withdraw(actor: string, name: string): Promise<AuthorityRecord> {
    await this.auditedChange.make(async (manager, record) => {
      const authority = await this.repository.lock(manager, name);
      const generations = await this.repository.generations(manager, authority.id);
      const coming = generations.find(({ state }) => COMING.includes(state));
      // The first generation of an authority that waits is no rollover.
      if (coming === undefined || generations.every(({ state }) => state !== 'current')) throw nonePlanned();
      if (coming.state === 'pending') await this.repository.deleteGeneration(manager, coming);
      else {
        await manager.update(AuthorityGenerationEntity, { id: coming.id }, { state: 'withdrawn' });
        await this.raCertificates.removeAll(manager, coming.id);
      }
      await this.record(record, actor, 'withdraw-rollover', name, { generation: coming.number });
    });
    return this.repository.record(this.dataSource.manager, name);
  }

  /**
   * Makes the next generation the current one. Throws {@link ServiceError}: `not-found`, `conflict` (there is no next
   * generation, or its certificate is not valid at this time).
   */
  async activate(actor: string, name: string): Promise<AuthorityRecord> {
    await this.auditedChange.make(async (manager, record) => {
      const switched = await this.switchOver(manager, name, () => true);
      if (switched === undefined) throw nonePlanned();
      await this.record(record, actor, 'activate-rollover', name, switched);
    });
    return this.repository.record(this.dataSource.manager, name);
  }

  /**
   * Activates each rollover whose time has come: the set one, or, where none is set, the end of the present certificate.
   * What fails for one authority is logged. Safe if several processes do it at once.
   */
  async activateDue(): Promise<void> {
    const rows = await this.dataSource.manager.query<{ name: string }[]>(
      `select name from authorities where id in (select authority_id from authority_generations where state = 'next')
        order by id`,
    );
    for (const { name } of rows) {
      try {
        await this.activateIfDue(name);
      } catch (error) {
        // Deleted since the list was read.
        if (error instanceof ServiceError && error.code === 'not-found') continue;
        this.logger.error({ err: error, authority: name }, 'the rollover could not be made');
      }
    }
  }

  private async activateIfDue(name: string): Promise<void> {
    const { generations } = await this.repository.record(this.dataSource.manager, name);
    const find = (state: GenerationState): AuthorityGenerationEntity | undefined =>
      generations.find(({ generation }) => generation.state === state)?.generation;
    const [current, next] = [find('current'), find('next')];
    if (current === undefined || next === undefined || !this.isDue(current, next)) return;
    const switched = await this.auditedChange.make(async (manager, record) => {
      const done = await this.switchOver(manager, name, (one, other) => this.isDue(one, other));
      if (done !== undefined) await this.record(record, GATEWAY, 'activate-rollover', name, done);
      return done;
    });
    if (switched !== undefined) this.logger.info({ authority: name, ...switched }, 'rollover made');
  }

  private isDue(current: AuthorityGenerationEntity, next: AuthorityGenerationEntity): boolean {
    const now = this.clock.now();
    const { notBefore, notAfter } = Certificate.read((next as Certified).certificate);
    if (now < notBefore || now > notAfter) return false;
    return next.activateAt === null
      ? now > Certificate.read((current as Certified).certificate).notAfter
      : now >= next.activateAt;
  }

  /** In one transaction; undefined where there is no next generation, or somebody else has made it the current one. */
  private async switchOver(
    manager: EntityManager,
    name: string,
    wanted: (current: AuthorityGenerationEntity, next: AuthorityGenerationEntity) => boolean,
  ): Promise<Record<string, unknown> | undefined> {
    const authority = await this.repository.lock(manager, name);
    const generations = await this.repository.generations(manager, authority.id);
    const find = (state: GenerationState): AuthorityGenerationEntity | undefined =>
      generations.find((generation) => generation.state === state);
    const [previous, current, next] = [find('previous'), find('current'), find('next')];
    if (current === undefined || next === undefined || !wanted(current, next)) return undefined;
    const certificate = Certificate.read((next as Certified).certificate);
    this.refuseInvalid(certificate);
    const now = this.clock.now();
    const overlapHours = next.overlapHours ?? authoritySettings(authority.settings).rolloverOverlapHours;
    const opensUntil = new Date(now.getTime() + overlapHours * HOUR);
    // In this order, for there is one of each at any time.
    if (previous !== undefined) {
      await manager.update(AuthorityGenerationEntity, { id: previous.id }, { state: 'retired' });
      await this.raCertificates.removeAll(manager, previous.id);
    }
    await manager.update(AuthorityGenerationEntity, { id: current.id }, { state: 'previous', opensUntil });
    await manager.update(AuthorityGenerationEntity, { id: next.id }, { state: 'current' });
    await manager.update(AuthorityEntity, { id: authority.id }, { updatedAt: now });
    return {
      from: current.number,
      to: next.number,
      fingerprint: fingerprints(certificate).sha256,
      opensUntil: opensUntil.toISOString(),
    };
  }

  private async issuerOf(
    current: AuthorityGenerationEntity,
    present: Certificate,
  ): Promise<[SuccessorIssuer, name: string | undefined]> {
    if (current.chain.length === 0 || present.isSelfIssued) return ['itself', undefined];
    const name = await this.repository.issuerOf(this.dataSource.manager, current);
    if (name === undefined) return ['external', undefined];
    const issuer = await this.catalogue.byName(name);
    if (issuer === undefined) throw new ServiceError('authority-unavailable', `the authority ${name} cannot issue`);
    return [issuer.generations.current, name];
  }

  private refuseBadTime(activateAt: Date | undefined, { notAfter }: Certificate): void {
    if (activateAt === undefined) return;
    const now = this.clock.now();
    if (activateAt <= now) throw invalidInput([{ field: 'activateAt', message: 'must be in the future' }]);
    if (notAfter > now && activateAt > notAfter)
      throw invalidInput([
        {
          field: 'activateAt',
          message: `must be ${notAfter.toISOString()} at the latest, when the present CA certificate ends`,
        },
      ]);
  }

  private refuseInvalid({ notBefore, notAfter }: Certificate): void {
    const now = this.clock.now();
    if (now < notBefore)
      throw new ServiceError('conflict', `the next CA certificate is valid from ${notBefore.toISOString()} on`);
    if (now > notAfter) throw new ServiceError('conflict', 'the next CA certificate has expired');
  }

  private record(
    record: Recorder,
    actor: string,
    verb: string,
    name: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    return record({ actor, action: `authority.${verb}`, target: `authorities/${name}`, details });
  }
}

const nonePlanned = (): ServiceError => new ServiceError('conflict', 'no rollover of this authority is planned');

function refuseSecond(generations: readonly AuthorityGenerationEntity[]): void {
  if (generations.some(({ state }) => COMING.includes(state)))
    throw new ServiceError('conflict', 'the authority has a next generation already: cancel that rollover first');
}

function currentOf(generations: readonly GenerationRecord[]): GenerationRecord & { generation: Certified } {
  const current = generations.find(({ generation }) => generation.state === 'current');
  if (current?.generation.certificate == null)
    throw new ServiceError('conflict', 'the authority does not issue yet: it waits for its first certificate');
  return current as GenerationRecord & { generation: Certified };
}

function refuseMeaningless(request: RolloverRequest, issuer: SuccessorIssuer): void {
  const { key, keyAlgorithm } = request;
  const problems = [
    ...(key === 'same' && keyAlgorithm !== undefined
      ? [{ field: 'keyAlgorithm', message: 'does not go together with the same key' }]
      : []),
    ...(['validityDays', 'validFrom'] as const)
      .filter((field) => issuer === 'external' && request[field] !== undefined)
      .map((field) => ({ field, message: 'is for the CA elsewhere to decide' })),
  ];
  if (problems.length > 0) throw invalidInput(problems);
}

const validityDaysOf = ({ notBefore, notAfter }: Certificate): number =>
  Math.max(1, Math.round((notAfter.getTime() - notBefore.getTime()) / DAY));
