import { Module } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { CONFIG, type Config } from '../config/environment';
import { KeyEncryptionKey } from './key-encryption-key';
import { checkKeyEncryptionKey } from './key-encryption-key.check';
import { readKeyFile } from './key-encryption-key.file';
import { KeyStore } from './key-store';
import { SealedSecretStore } from './sealed-secret.store';
import { Verifier } from './verifier';

/** Reads the key file and has it checked, so that nothing can be sealed or opened under a wrong key. */
async function openKeyEncryptionKey(
  config: Config,
  dataSource: DataSource,
  random: RandomSource,
): Promise<KeyEncryptionKey> {
  if (config.keyEncryptionKeyFile === undefined)
    throw new ServiceError('invalid-input', 'KEY_ENCRYPTION_KEY_FILE is not set');
  const key = await readKeyFile(config.keyEncryptionKeyFile, random);
  await checkKeyEncryptionKey(dataSource, key);
  return key;
}

/** Keys and sealed secrets. Needs the DataSource on a migrated database, CONFIG and RANDOM_SOURCE globally. */
@Module({
  providers: [
    {
      provide: KeyEncryptionKey,
      useFactory: openKeyEncryptionKey,
      inject: [CONFIG, getDataSourceToken(), RANDOM_SOURCE],
    },
    {
      provide: SealedSecretStore,
      useFactory: (dataSource: DataSource, key: KeyEncryptionKey, random: RandomSource) =>
        new SealedSecretStore(dataSource, key, random),
      inject: [getDataSourceToken(), KeyEncryptionKey, RANDOM_SOURCE],
    },
    {
      provide: KeyStore,
      useFactory: (dataSource: DataSource, key: KeyEncryptionKey, random: RandomSource) =>
        new KeyStore(dataSource, key, random),
      inject: [getDataSourceToken(), KeyEncryptionKey, RANDOM_SOURCE],
    },
    {
      provide: Verifier,
      useFactory: (secrets: SealedSecretStore) => Verifier.open(secrets),
      inject: [SealedSecretStore],
    },
  ],
  exports: [KeyEncryptionKey, SealedSecretStore, KeyStore, Verifier],
})
export class KeysModule {}
