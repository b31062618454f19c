import type { DataSource } from 'typeorm';
import type { RandomSource } from '../common/random-source';
import type { KeyEncryptionKey } from './key-encryption-key';

const SECRET_BYTES = 32;

/** What a secret's seal is bound to. */
export const sealedSecretContext = (name: string): string => `sealed_secrets/${name}`;

/** Secrets that all gateways on one database share, such as the HMAC key under the verifiers. */
export class SealedSecretStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keyEncryptionKey: KeyEncryptionKey,
    private readonly random: RandomSource,
  ) {}

  /**
   * The secret of this name. The first who asks makes it; of several who ask at once all get the same one.
   *
   * @param name names the row, for instance `verifier-key`
   * @param make makes the secret if there is none yet; 32 random bytes unless given. It may be called
   *   in vain; what it returns is zeroed
   */
  async getOrCreate(name: string, make: () => Buffer = () => this.random.bytes(SECRET_BYTES)): Promise<Buffer> {
    const context = sealedSecretContext(name);
    let sealed = await this.find(name);
    if (sealed === undefined) {
      const fresh = make();
      await this.dataSource.query(
        'insert into sealed_secrets (name, sealed) values ($1, $2) on conflict (name) do nothing',
        [name, this.keyEncryptionKey.seal(fresh, context)],
      );
      fresh.fill(0);
      sealed = await this.find(name);
    }
    if (sealed === undefined) throw new Error(`the secret ${name} vanished while it was read`);
    return this.keyEncryptionKey.open(sealed, context);
  }

  private async find(name: string): Promise<Buffer | undefined> {
    const rows = await this.dataSource.query<{ sealed: Buffer }[]>(
      'select sealed from sealed_secrets where name = $1',
      [name],
    );
    return rows[0]?.sealed;
  }
}
