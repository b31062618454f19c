import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import { KeyEncryptionKey } from '../keys/key-encryption-key';
import { AliasSecretEntity } from './alias.entity';
import { AliasSecrets, type SplitSettings } from './alias-secrets';

/** What the seal of a secret is bound to. */
const context = (aliasId: number, field: string): string => `alias_secrets/${aliasId}/${field}`;

/** Where the secrets of aliases are kept, sealed. */
@Injectable()
export class AliasSecretStore {
  constructor(private readonly keyEncryptionKey: KeyEncryptionKey) {}

  /** The secrets of these aliases as they are stored, by the alias's id. */
  async sealed(
    manager: EntityManager,
    aliasIds: readonly number[],
  ): Promise<ReadonlyMap<number, readonly AliasSecretEntity[]>> {
    const byAlias = new Map<number, AliasSecretEntity[]>(aliasIds.map((id) => [id, []]));
    if (aliasIds.length === 0) return byAlias;
    const rows = await manager.find(AliasSecretEntity, { where: { aliasId: In(aliasIds) }, order: { field: 'ASC' } });
    for (const row of rows) byAlias.get(row.aliasId)?.push(row);
    return byAlias;
  }

  /**
   * One alias's secrets in the clear.
   * @throws ServiceError `internal` when one was sealed under a key-encryption key that is not there
   */
  open(rows: readonly AliasSecretEntity[]): AliasSecrets {
    return new AliasSecrets(new Map(rows.map((row) => [row.field, this.opened(row)])));
  }

  /** Gives an alias its secrets, in place of those that are neither new nor kept. */
  async set(
    manager: EntityManager,
    aliasId: number,
    { fresh, kept }: Pick<SplitSettings, 'fresh' | 'kept'>,
    now: Date,
  ): Promise<void> {
    const query = manager
      .createQueryBuilder()
      .delete()
      .from(AliasSecretEntity)
      .where('alias_id = :aliasId', { aliasId });
    await (kept.length > 0 ? query.andWhere('field not in (:...kept)', { kept }) : query).execute();
    const rows = [...fresh].map(([field, value]) => ({
      aliasId,
      field,
      sealed: this.seal(aliasId, field, value),
      updatedAt: now,
    }));
    if (rows.length > 0) await manager.insert(AliasSecretEntity, rows);
  }

  private seal(aliasId: number, field: string, value: string): Buffer {
    const plaintext = Buffer.from(value, 'utf8');
    const sealed = this.keyEncryptionKey.seal(plaintext, context(aliasId, field));
    plaintext.fill(0);
    return sealed;
  }

  private opened({ aliasId, field, sealed }: AliasSecretEntity): string {
    const plaintext = this.keyEncryptionKey.open(sealed, context(aliasId, field));
    const value = plaintext.toString('utf8');
    plaintext.fill(0);
    return value;
  }
}
