import { createPrivateKey, type KeyObject } from 'node:crypto';
import { In, type DataSource, type EntityManager } from 'typeorm';
import type { RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { PublicKey } from '../pki/x509/public-key';
import type { KeyAlgorithm } from './key-algorithm';
import type { KeyEncryptionKey } from './key-encryption-key';
import { generatePrivateKey, keyAlgorithmName, readPrivateKey, type PrivateKeyMaterial } from './key-generation';
import { KeyEntity } from './key.entity';
import { SoftwareDecrypter, SoftwareSigner, substituteSecret, type Decrypter, type Signer } from './software-key';

/** A private key that is not in the database yet: made before a transaction begins, saved within it. */
export interface NewKey {
  /** Its id once it is saved. */
  readonly id: string;
  /** Its algorithm, such as `RSA-2048`. */
  readonly algorithm: string;
  readonly publicKey: PublicKey;
  /** Signs with it, for its own CSR or self-signed certificate. */
  readonly signer: Signer;
}

interface OpenKey {
  readonly signer: Signer;
  /** Undefined for a key that is not RSA. */
  readonly decrypter: Decrypter | undefined;
}

const keyContext = (id: string): string => `keys/${id}`;

/**
 * The private keys of the authorities: sealed in the database, opened once per process, and never shown outside this
 * room but as a {@link Signer} or a {@link Decrypter}.
 */
export class KeyStore {
  private readonly opened = new Map<string, Promise<OpenKey>>();
  private readonly sealed = new WeakMap<NewKey, Buffer>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly keyEncryptionKey: KeyEncryptionKey,
    private readonly random: RandomSource,
  ) {}

  /** Generates a key without blocking the event loop. Seconds may pass: do it before a transaction, not within. */
  async generate(algorithm: KeyAlgorithm): Promise<NewKey> {
    return this.prepare(await generatePrivateKey(algorithm));
  }

  /**
   * Takes in a key from elsewhere. Throws {@link ServiceError} (`key-not-allowed`).
   *
   * @param pkcs8 PKCS #8 PrivateKeyInfo, DER; zeroed here
   */
  import(pkcs8: Buffer): NewKey {
    try {
      return this.prepare(readPrivateKey(pkcs8));
    } finally {
      pkcs8.fill(0);
    }
  }

  /** Writes a new key as part of the transaction of `manager`. */
  async save(key: NewKey, manager: EntityManager): Promise<void> {
    const sealedPrivateKey = this.sealed.get(key);
    if (sealedPrivateKey === undefined) throw new Error('the key was not made by this store');
    await manager.insert(KeyEntity, {
      id: key.id,
      algorithm: key.algorithm,
      publicKey: key.publicKey.spki,
      sealedPrivateKey,
    });
  }

  /** Deletes keys that nothing refers to any more, as part of the transaction of `manager`. */
  async delete(ids: readonly string[], manager: EntityManager): Promise<void> {
    if (ids.length > 0) await manager.delete(KeyEntity, [...ids]);
  }

  /** The algorithms of saved keys by their ids, as the transaction of `manager` sees them. */
  async algorithms(ids: readonly string[], manager: EntityManager): Promise<Map<string, string>> {
    const rows = await manager.find(KeyEntity, {
      select: { id: true, algorithm: true },
      where: { id: In([...ids]) },
    });
    return new Map(rows.map(({ id, algorithm }) => [id, algorithm]));
  }

  /** Signs with a saved key. Throws {@link ServiceError} (`authority-unavailable`) if it cannot be opened. */
  async signer(id: string): Promise<Signer> {
    return (await this.open(id)).signer;
  }

  /**
   * Decrypts with a saved key. Throws {@link ServiceError} (`authority-unavailable`) if it cannot be opened or is not
   * RSA.
   */
  async decrypter(id: string): Promise<Decrypter> {
    const { decrypter } = await this.open(id);
    if (decrypter === undefined) throw new ServiceError('authority-unavailable', 'the key cannot decrypt');
    return decrypter;
  }

  /** Forgets all opened keys but these, for the others are no longer in use. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.opened.keys()) if (!ids.has(id)) this.opened.delete(id);
  }

  private open(id: string): Promise<OpenKey> {
    const known = this.opened.get(id);
    if (known !== undefined) return known;
    const opening = this.load(id);
    this.opened.set(id, opening);
    // A failure is not remembered: the database may only have been away.
    opening.catch(() => {
      if (this.opened.get(id) === opening) this.opened.delete(id);
    });
    return opening;
  }

  private async load(id: string): Promise<OpenKey> {
    const row = await this.dataSource.manager.findOneBy(KeyEntity, { id });
    if (row === null) throw new ServiceError('authority-unavailable', 'a key of the authority is missing');
    let pkcs8: Buffer | undefined;
    try {
      pkcs8 = this.keyEncryptionKey.open(row.sealedPrivateKey, keyContext(id));
      const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
      return openKey(privateKey, PublicKey.read(row.publicKey), pkcs8);
    } catch (cause) {
      throw new ServiceError('authority-unavailable', 'a key of the authority cannot be opened', { cause });
    } finally {
      pkcs8?.fill(0);
    }
  }

  private prepare({ privateKey, publicKey }: PrivateKeyMaterial): NewKey {
    const id = this.random.uuid();
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    try {
      const key: NewKey = {
        id,
        algorithm: keyAlgorithmName(publicKey),
        publicKey,
        signer: new SoftwareSigner(publicKey, privateKey),
      };
      this.sealed.set(key, this.keyEncryptionKey.seal(pkcs8, keyContext(id)));
      return key;
    } finally {
      pkcs8.fill(0);
    }
  }
}

function openKey(privateKey: KeyObject, publicKey: PublicKey, pkcs8: Buffer): OpenKey {
  return {
    signer: new SoftwareSigner(publicKey, privateKey),
    decrypter:
      publicKey.type === 'rsa' ? new SoftwareDecrypter(publicKey.bits, privateKey, substituteSecret(pkcs8)) : undefined,
  };
}
