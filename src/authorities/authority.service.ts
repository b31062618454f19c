import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditedChange, type Conflicts } from '../audit/audited-change';
import type { AuditEntry } from '../audit/audit-log';
import { CLOCK, type Clock } from '../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { mergePatch, withoutAbsent } from '../common/settings';
import type { KeyAlgorithm } from '../keys/key-algorithm';
import { KeyStore } from '../keys/key-store';
import type { PublicKey } from '../pki/x509/public-key';
import { ALLOWED_AUTHORITIES_KEY } from '../profiles/end-entity-profile.entity';
import type { Authority } from './authority';
import { AuthorityCatalogue } from './authority-catalogue';
import { AuthorityGenerationEntity, type GenerationState } from './authority-generation.entity';
import { AuthorityFactory, refuseWithoutRsa } from './authority.factory';
import { authoritySettings, type StoredAuthoritySettings } from './authority-settings';
import { AuthorityEntity } from './authority.entity';
import { AuthorityRepository, type AuthorityRecord, type NewGeneration } from './authority.repository';
import { claimIssued } from './unique-claims';
import { fingerprints } from './fingerprint';
import { RaCertificateService } from './ra-certificate.service';

/** What a new authority is called and how it behaves. */
export interface AuthorityDescription {
  /** Letters, digits, blank, dot, underscore and hyphen; see {@link AUTHORITY_NAME}. */
  readonly name: string;
  readonly description?: string | undefined;
  readonly settings?: StoredAuthoritySettings | undefined;
}

/** A CA whose key is made here. */
export interface NewAuthority extends AuthorityDescription {
  /** As `DistinguishedName.parse` reads it. */
  readonly subject: string;
  /** Default `RSA-2048`, which every device knows. */
  readonly keyAlgorithm?: KeyAlgorithm | undefined;
  /** Default 3650 for a root, 1825 for a subordinate. Not for an external root, who decides it. */
  readonly validityDays?: number | undefined;
  /** Who signs its certificate: itself unless told otherwise, an authority of this gateway, or a CA elsewhere. */
  readonly issuer?: { readonly authority: string } | 'external' | undefined;
}

/** A CA from elsewhere. */
export interface ImportedAuthority extends AuthorityDescription {
  /** A PKCS #12 file with its key and certificate. */
  readonly pkcs12: Buffer;
  readonly password: string;
  /** The certificates above, where the file lacks them; a form of `readCertificateBundle`. */
  readonly chain?: string | undefined;
}

/** What may be changed of an authority, as a JSON merge patch (RFC 7396): what is absent stays, null is the default. */
export interface AuthorityChange {
  readonly description?: string | null | undefined;
  readonly settings?:
    { readonly [K in keyof StoredAuthoritySettings]?: StoredAuthoritySettings[K] | null } | null | undefined;
}

/** Names that fit into a path and a file name. */
export const AUTHORITY_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$/;

/** {@link AUTHORITY_NAME} in words. */
export const AUTHORITY_NAME_RULE =
  'must be 1 to 64 letters, digits, blanks, dots, underscores and hyphens, with a letter or digit at both ends';

const ROOT_VALIDITY_DAYS = 3650;
const SUBORDINATE_VALIDITY_DAYS = 1825;

/** The states in which a generation is, or is to be, one that devices speak to by the present settings. */
const SPEAKING: readonly GenerationState[] = ['current', 'next', 'pending'];

/** A generation that waits for the external root's answer. */
type Pending = AuthorityGenerationEntity & { readonly certificateRequest: Buffer };

const nameTaken = (): ServiceError => new ServiceError('already-exists', 'there is already an authority of that name');
const inUse =
  (by: string): (() => ServiceError) =>
  () =>
    new ServiceError('in-use', `${by} refer to this authority`);

const CONFLICTS: Conflicts = {
  authorities_name_key: nameTaken,
  alias_authorities_authority_id_fkey: inUse('aliases'),
  alias_registrations_authority_id_fkey: inUse('aliases'),
  end_entities_authority_id_fkey: inUse('end entities'),
  certificates_authority_id_fkey: inUse('certificates'),
  [ALLOWED_AUTHORITIES_KEY]: inUse('end entity profiles'),
};

/** What administrators do with authorities. Each change is recorded in the audit log under `actor`. */
@Injectable()
export class AuthorityService {
  private readonly repository: AuthorityRepository;
  private readonly factory: AuthorityFactory;

  constructor(
    @Inject(getDataSourceToken()) private readonly dataSource: DataSource,
    private readonly auditedChange: AuditedChange,
    private readonly catalogue: AuthorityCatalogue,
    private readonly raCertificates: RaCertificateService,
    private readonly keyStore: KeyStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) random: RandomSource,
  ) {
    this.repository = new AuthorityRepository(keyStore);
    this.factory = new AuthorityFactory(keyStore, raCertificates, clock, random);
  }

  /**
   * Makes an authority. Throws {@link ServiceError}: `already-exists`, `invalid-input`, `not-found` (the issuer),
   * `authority-unavailable` (the issuer has expired or waits for its own certificate).
   */
  async create(actor: string, request: NewAuthority): Promise<AuthorityRecord> {
    await this.refuseName(request.name);
    const settings = authoritySettings(request.settings ?? {});
    const { subject, keyAlgorithm = 'RSA-2048', issuer } = request;
    if (issuer === undefined) {
      const ca = { subject, keyAlgorithm, validityDays: request.validityDays ?? ROOT_VALIDITY_DAYS };
      return this.insert(actor, request, await this.factory.root(ca, settings));
    }
    if (issuer === 'external')
      return this.insert(actor, request, await this.factory.external({ subject, keyAlgorithm }, settings));
    const parent = await this.issuingAuthority(issuer.authority);
    const ca = { subject, keyAlgorithm, validityDays: request.validityDays ?? SUBORDINATE_VALIDITY_DAYS };
    const generation = await this.factory.subordinate(ca, settings, parent.generations.current);
    return this.insert(actor, request, generation, parent);
  }

  /**
   * Imports an authority from PKCS #12. Throws {@link ServiceError}: `already-exists` (also where another authority has
   * the same key), `invalid-input`, `key-not-allowed`.
   */
  async import(actor: string, request: ImportedAuthority): Promise<AuthorityRecord> {
    await this.refuseName(request.name);
    const settings = authoritySettings(request.settings ?? {});
    const generation = await this.factory.fromPkcs12(request.pkcs12, request.password, request.chain, settings);
    return this.insert(actor, request, generation);
  }

  /** The PKCS #10 request, DER, for the external root. Throws {@link ServiceError}: `not-found`, `conflict`. */
  async request(name: string): Promise<Buffer> {
    const { manager } = this.dataSource;
    return (await this.pendingGeneration(manager, await this.repository.find(manager, name))).certificateRequest;
  }

  /**
   * Takes the external root's answer, with which the authority begins to issue, or which becomes its next generation if it
   * issues already. Throws {@link ServiceError}: `not-found`, `conflict` (it waits for none), `invalid-input`.
   *
   * @param answer CA certificate and chain in a form of `readCertificateBundle`
   */
  async importCertificate(actor: string, name: string, answer: string): Promise<AuthorityRecord> {
    const { manager } = this.dataSource;
    const before = await this.repository.find(manager, name);
    const { keyId } = await this.pendingGeneration(manager, before);
    const signer = await this.keyStore.signer(keyId);
    const current = await manager.findOneBy(AuthorityGenerationEntity, { authorityId: before.id, state: 'current' });
    const present = current?.certificate ?? undefined;
    const answered = await this.factory.answer(signer, answer, authoritySettings(before.settings), present);
    const { certificate, chain } = answered;
    await this.auditedChange.make(async (transaction, record) => {
      const authority = await this.repository.lock(transaction, name);
      const { id, keyId: keyNow } = await this.pendingGeneration(transaction, authority);
      // Withdrawn and planned anew: the answer would stand beside a key that it does not certify.
      if (keyNow !== keyId) throw new ServiceError('conflict', 'the authority was changed meanwhile: try again');
      const state = current === null ? 'current' : 'next';
      const change = { state, certificate: certificate.der, chain: chain.map(({ der }) => der) } as const;
      await transaction.update(AuthorityGenerationEntity, { id }, change);
      const settings = authoritySettings(authority.settings);
      const prepared = new Map([[id, answered.raCertificates]]);
      await this.raCertificates.apply(transaction, authority.id, settings, prepared, id);
      await record(entry(actor, 'import-certificate', name, { state, fingerprint: fingerprints(certificate).sha256 }));
    });
    return this.get(name);
  }

  /** An authority with its generations. Throws {@link ServiceError} (`not-found`). */
  async get(name: string): Promise<AuthorityRecord> {
    return this.repository.record(this.dataSource.manager, name);
  }

  /** At most `limit` authorities by name, those behind the name `after` where it is given. */
  async list(limit: number, after?: string): Promise<AuthorityRecord[]> {
    return this.repository.page(this.dataSource.manager, limit, after);
  }

  /**
   * Changes description or settings. Throws {@link ServiceError}: `not-found`, `invalid-input`, `conflict` (someone else
   * changed the settings meanwhile so that other RA certificates are needed).
   */
  async change(actor: string, name: string, change: AuthorityChange): Promise<AuthorityRecord> {
    const { authority: before, generations } = await this.get(name);
    const speaking = generations.filter(({ generation }) => SPEAKING.includes(generation.state));
    const keys = await Promise.all(speaking.map(({ generation }) => this.publicKey(generation)));
    const patched = (stored: object): StoredAuthoritySettings => {
      const settings: StoredAuthoritySettings =
        change.settings === null ? {} : mergePatch(stored, change.settings ?? {});
      for (const key of keys) refuseWithoutRsa(key, authoritySettings(settings));
      return settings;
    };
    const prepared = await this.raCertificates.prepare(before.id, authoritySettings(patched(before.settings)));
    await this.auditedChange.make(async (manager, record) => {
      const { id, ...current } = await this.repository.lock(manager, name);
      const settings = patched(current.settings);
      const description = change.description === undefined ? current.description : (change.description ?? '');
      await manager.update(AuthorityEntity, { id }, { description, settings, updatedAt: this.clock.now() });
      await this.raCertificates.apply(manager, id, authoritySettings(settings), prepared);
      await claimIssued(manager, id, authoritySettings(current.settings), authoritySettings(settings));
      await record(entry(actor, 'change', name, { ...change }));
    });
    return this.get(name);
  }

  /** Gives an authority another name. Throws {@link ServiceError}: `not-found`, `already-exists`, `invalid-input`. */
  async rename(actor: string, name: string, newName: string): Promise<AuthorityRecord> {
    refuseBadName(newName);
    await this.auditedChange.make(async (manager, record) => {
      const { id } = await this.repository.lock(manager, name);
      await manager.update(AuthorityEntity, { id }, { name: newName, updatedAt: this.clock.now() });
      await this.refuseFormerName(manager, newName, id);
      await record(entry(actor, 'rename', name, { to: newName }));
    }, CONFLICTS);
    return this.get(newName);
  }

  /** Deletes an authority that nothing refers to, with its keys. Throws {@link ServiceError}: `not-found`, `in-use`. */
  async delete(actor: string, name: string): Promise<void> {
    await this.auditedChange.make(async (manager, record) => {
      const authority = await this.repository.lockForDeletion(manager, name);
      const subordinates = await this.repository.subordinates(manager, authority);
      if (subordinates.length > 0) throw inUse(`the authorities ${subordinates.join(', ')} below it`)();
      await this.repository.delete(manager, authority);
      await record(entry(actor, 'delete', name, {}));
    }, CONFLICTS);
  }

  private async insert(
    actor: string,
    { name, description = '', settings = {} }: AuthorityDescription,
    generation: NewGeneration,
    issuer?: Authority,
  ): Promise<AuthorityRecord> {
    const { certificate, key } = generation;
    const now = this.clock.now();
    await this.auditedChange.make(async (manager, record) => {
      // An issuer that is deleted meanwhile would leave a CA that nobody can revoke.
      if (issuer !== undefined) await this.repository.keep(manager, issuer.name);
      const holder = await this.repository.holderOf(manager, key.publicKey);
      if (holder !== undefined) throw new ServiceError('already-exists', `the authority ${holder} has the same key`);
      const authority = { name, description, settings: withoutAbsent(settings), createdAt: now, updatedAt: now };
      await this.refuseFormerName(manager, name, await this.repository.insert(manager, authority, generation));
      const fingerprint = certificate === undefined ? {} : { fingerprint: fingerprints(certificate).sha256 };
      await record(entry(actor, 'create', name, { keyAlgorithm: key.algorithm, ...fingerprint }));
    }, CONFLICTS);
    return this.get(name);
  }

  /** Before keys are made in vain; the database decides once more. */
  private async refuseName(name: string): Promise<void> {
    refuseBadName(name);
    if (await this.dataSource.manager.existsBy(AuthorityEntity, { name })) throw nameTaken();
  }

  /** Issued certificates say by its name where the CRL of their authority is: it must not become that of another. */
  private async refuseFormerName(manager: EntityManager, name: string, id: number): Promise<void> {
    const holder = await this.repository.formerHolderOf(manager, name, id);
    if (holder === undefined) return;
    throw new ServiceError(
      'conflict',
      `the authority ${holder} had this name before, and certificates that it issued look for its CRL there`,
    );
  }

  private async issuingAuthority(name: string): Promise<Authority> {
    const authority = await this.catalogue.byName(name);
    if (authority !== undefined) return authority;
    await this.repository.find(this.dataSource.manager, name);
    throw new ServiceError('authority-unavailable', `the authority ${name} cannot issue`);
  }

  private async pendingGeneration(manager: EntityManager, { id }: AuthorityEntity): Promise<Pending> {
    const generation = await manager.findOneBy(AuthorityGenerationEntity, { authorityId: id, state: 'pending' });
    if (generation?.certificateRequest == null)
      throw new ServiceError('conflict', 'the authority does not wait for the certificate of an external root');
    return generation as Pending;
  }

  private async publicKey({ keyId }: AuthorityGenerationEntity): Promise<PublicKey> {
    return (await this.keyStore.signer(keyId)).publicKey;
  }
}

function refuseBadName(name: string): void {
  if (!AUTHORITY_NAME.test(name))
    throw new ServiceError('invalid-input', 'the name of the authority is not allowed', {
      fields: [{ field: 'name', message: AUTHORITY_NAME_RULE }],
    });
}

const entry = (actor: string, verb: string, name: string, details: Record<string, unknown>): AuditEntry => ({
  actor,
  action: `authority.${verb}`,
  target: `authorities/${name}`,
  details,
});
