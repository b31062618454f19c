import { In, type EntityManager } from 'typeorm';
import { ServiceError } from '../common/service-error';
import type { KeyStore, NewKey } from '../keys/key-store';
import type { Certificate } from '../pki/x509/certificate';
import type { PublicKey } from '../pki/x509/public-key';
import { AuthorityGenerationEntity } from './authority-generation.entity';
import type { StoredAuthoritySettings } from './authority-settings';
import { AuthorityEntity } from './authority.entity';
import type { NewRaCertificate } from './ra-certificate.issuer';
import { RaCertificateEntity } from './ra-certificate.entity';

/** A generation that is not in the database yet. */
export interface NewGeneration {
  readonly key: NewKey;
  /** Undefined while an external root has to answer the request. */
  readonly certificate: Certificate | undefined;
  /** PKCS #10, DER; only for an external root. */
  readonly request: Buffer | undefined;
  /** Issuer first, root last. */
  readonly chain: readonly Certificate[];
  readonly raCertificates: readonly NewRaCertificate[];
}

/** A generation that is to follow another one, not in the database yet. */
export interface Successor extends Omit<NewGeneration, 'key'> {
  /** Of the key it has, which may be that of the generation before. */
  readonly keyId: string;
  /** That key where it is a new one. */
  readonly newKey: NewKey | undefined;
  readonly activateAt: Date | null;
  readonly overlapHours: number | null;
}

/** An authority as it is stored, for the administrator. */
export interface AuthorityRecord {
  readonly authority: AuthorityEntity;
  /** Newest first. */
  readonly generations: readonly GenerationRecord[];
}

/** A generation as it is stored. */
export interface GenerationRecord {
  readonly generation: AuthorityGenerationEntity;
  readonly keyAlgorithm: string;
  /** Newest first. */
  readonly raCertificates: readonly RaCertificateRecord[];
}

/** An RA certificate as it is stored. */
export interface RaCertificateRecord {
  readonly raCertificate: RaCertificateEntity;
  readonly keyAlgorithm: string;
}

/** The rows of authorities. Each function works in the transaction of its `manager`. */
export class AuthorityRepository {
  constructor(private readonly keyStore: KeyStore) {}

  /** Throws {@link ServiceError} (`not-found`). */
  async find(manager: EntityManager, name: string): Promise<AuthorityEntity> {
    return found(await manager.findOneBy(AuthorityEntity, { name }), name);
  }

  /**
   * Finds an authority and keeps others from changing it until the transaction ends; issuing goes on meanwhile. Throws
   * {@link ServiceError} (`not-found`).
   */
  async lock(manager: EntityManager, name: string): Promise<AuthorityEntity> {
    const lock = { mode: 'for_no_key_update' } as const;
    return found(await manager.findOne(AuthorityEntity, { where: { name }, lock }), name);
  }

  /**
   * Finds an authority and keeps everyone from referring to it until the transaction ends. Throws {@link ServiceError}
   * (`not-found`).
   */
  async lockForDeletion(manager: EntityManager, name: string): Promise<AuthorityEntity> {
    const lock = { mode: 'pessimistic_write' } as const;
    return found(await manager.findOne(AuthorityEntity, { where: { name }, lock }), name);
  }

  /** Keeps an authority from being deleted until the transaction ends. Throws {@link ServiceError} (`not-found`). */
  async keep(manager: EntityManager, name: string): Promise<void> {
    const lock = { mode: 'for_key_share' } as const;
    found(await manager.findOne(AuthorityEntity, { where: { name }, lock }), name);
  }

  /** The name of the authority that has this key; undefined where there is none. */
  async holderOf(manager: EntityManager, publicKey: PublicKey): Promise<string | undefined> {
    const rows = await manager.query<{ name: string }[]>(
      `select authority.name
         from keys key
         join authority_generations generation on generation.key_id = key.id
         join authorities authority on authority.id = generation.authority_id
        where key.public_key = $1`,
      [publicKey.spki],
    );
    return rows[0]?.name;
  }

  /**
   * The authority that was called so formerly and whose certificates still name this as the place of their CRL; undefined
   * where there is none but perhaps `id` itself.
   */
  async formerHolderOf(manager: EntityManager, name: string, id: number): Promise<string | undefined> {
    const rows = await manager.query<{ name: string }[]>(
      `select holder.name from former_authority_names former join authorities holder on holder.id = former.authority_id
        where former.name = $1 and holder.id <> $2
          and exists (select from certificates where certificates.authority_id = holder.id)`,
      [name, id],
    );
    return rows[0]?.name;
  }

  /** As many authorities as `limit` says, by name, those behind `after`. */
  async page(manager: EntityManager, limit: number, after?: string): Promise<AuthorityRecord[]> {
    const query = manager.createQueryBuilder(AuthorityEntity, 'authority');
    // "C" orders by code point: the same in every database, whatever its locale.
    if (after !== undefined) query.where('authority.name collate "C" > :after', { after });
    return this.records(manager, await query.orderBy('authority.name collate "C"').limit(limit).getMany());
  }

  /** An authority with all its generations. Throws {@link ServiceError} (`not-found`). */
  async record(manager: EntityManager, name: string): Promise<AuthorityRecord> {
    const [record] = await this.records(manager, [await this.find(manager, name)]);
    if (record === undefined) throw new Error('one authority makes one record');
    return record;
  }

  private async records(manager: EntityManager, authorities: readonly AuthorityEntity[]): Promise<AuthorityRecord[]> {
    const generations = await manager.find(AuthorityGenerationEntity, {
      where: { authorityId: In(authorities.map(({ id }) => id)) },
      order: { number: 'DESC' },
    });
    const raCertificates = await manager.find(RaCertificateEntity, {
      where: { generationId: In(generations.map(({ id }) => id)) },
      order: { id: 'DESC' },
    });
    const keyIds = [...generations, ...raCertificates].map(({ keyId }) => keyId);
    const algorithms = await this.keyStore.algorithms(keyIds, manager);
    const keyAlgorithm = ({ keyId }: { readonly keyId: string }): string => algorithms.get(keyId) ?? '';
    return authorities.map((authority) => ({
      authority,
      generations: generations
        .filter(({ authorityId }) => authorityId === authority.id)
        .map((generation) => ({
          generation,
          keyAlgorithm: keyAlgorithm(generation),
          raCertificates: raCertificates
            .filter(({ generationId }) => generationId === generation.id)
            .map((raCertificate) => ({ raCertificate, keyAlgorithm: keyAlgorithm(raCertificate) })),
        })),
    }));
  }

  /** Inserts an authority with its first generation, and returns its id. */
  async insert(
    manager: EntityManager,
    authority: Omit<AuthorityEntity, 'id'> & { readonly settings: StoredAuthoritySettings },
    generation: NewGeneration,
  ): Promise<number> {
    const authorityRow = manager.create(AuthorityEntity, authority);
    await manager.insert(AuthorityEntity, authorityRow);
    await this.keyStore.save(generation.key, manager);
    const generationRow = manager.create(AuthorityGenerationEntity, {
      authorityId: authorityRow.id,
      number: 1,
      state: generation.certificate === undefined ? 'pending' : 'current',
      keyId: generation.key.id,
      certificate: generation.certificate?.der ?? null,
      certificateRequest: generation.request ?? null,
      chain: generation.chain.map(({ der }) => der),
    });
    await manager.insert(AuthorityGenerationEntity, generationRow);
    await this.insertRaCertificates(manager, generationRow.id, generation.raCertificates);
    return authorityRow.id;
  }

  /** The generations of an authority, newest first. */
  async generations(manager: EntityManager, authorityId: number): Promise<AuthorityGenerationEntity[]> {
    return manager.find(AuthorityGenerationEntity, { where: { authorityId }, order: { number: 'DESC' } });
  }

  /** Inserts the generation that is to follow, as number `number`; pending where it has no certificate yet. */
  async insertSuccessor(
    manager: EntityManager,
    authorityId: number,
    number: number,
    successor: Successor,
  ): Promise<void> {
    if (successor.newKey !== undefined) await this.keyStore.save(successor.newKey, manager);
    const row = manager.create(AuthorityGenerationEntity, {
      authorityId,
      number,
      state: successor.certificate === undefined ? 'pending' : 'next',
      keyId: successor.keyId,
      certificate: successor.certificate?.der ?? null,
      certificateRequest: successor.request ?? null,
      chain: successor.chain.map(({ der }) => der),
      activateAt: successor.activateAt,
      overlapHours: successor.overlapHours,
    });
    await manager.insert(AuthorityGenerationEntity, row);
    await this.insertRaCertificates(manager, row.id, successor.raCertificates);
  }

  /** Deletes a generation that has issued nothing, with its key unless another generation has it too. */
  async deleteGeneration(manager: EntityManager, { id, keyId }: AuthorityGenerationEntity): Promise<void> {
    await manager.delete(AuthorityGenerationEntity, { id });
    if (!(await manager.existsBy(AuthorityGenerationEntity, { keyId }))) await this.keyStore.delete([keyId], manager);
  }

  /** The name of the authority here that a generation's certificate is issued by; undefined where it is none. */
  async issuerOf(manager: EntityManager, { chain: [issuer] }: AuthorityGenerationEntity): Promise<string | undefined> {
    if (issuer === undefined) return undefined;
    const rows = await manager.query<{ name: string }[]>(
      `select authority.name from authority_generations generation
         join authorities authority on authority.id = generation.authority_id where generation.certificate = $1`,
      [issuer],
    );
    return rows[0]?.name;
  }

  /** Inserts RA certificates, keys included, as the current ones of a generation. */
  async insertRaCertificates(
    manager: EntityManager,
    generationId: number,
    raCertificates: readonly NewRaCertificate[],
  ): Promise<void> {
    for (const { purpose, key, certificate } of raCertificates) {
      await this.keyStore.save(key, manager);
      await manager.insert(RaCertificateEntity, {
        generationId,
        purpose,
        state: 'current',
        keyId: key.id,
        certificate: certificate.der,
        notAfter: certificate.notAfter,
      });
    }
  }

  /** Deletes an authority with its generations and keys. A reference from elsewhere makes the database refuse. */
  async delete(manager: EntityManager, authority: AuthorityEntity): Promise<void> {
    const generations = await manager.findBy(AuthorityGenerationEntity, { authorityId: authority.id });
    const raCertificates = await manager.findBy(RaCertificateEntity, {
      generationId: In(generations.map(({ id }) => id)),
    });
    await manager.delete(AuthorityEntity, { id: authority.id });
    await this.keyStore.delete(
      [...generations, ...raCertificates].map(({ keyId }) => keyId),
      manager,
    );
  }

  /** The names of authorities here whose chain holds a certificate of this one. */
  async subordinates(manager: EntityManager, authority: AuthorityEntity): Promise<string[]> {
    const rows: { name: string }[] = await manager.query(
      `select distinct below.name
         from authority_generations own
         join authority_generations other on other.authority_id <> own.authority_id and own.certificate = any (other.chain)
         join authorities below on below.id = other.authority_id
        where own.authority_id = $1
        order by below.name`,
      [authority.id],
    );
    return rows.map(({ name }) => name);
  }
}

function found(authority: AuthorityEntity | null, name: string): AuthorityEntity {
  if (authority === null) throw new ServiceError('not-found', `there is no authority ${name}`);
  return authority;
}
