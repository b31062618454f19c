import type { DataSource } from 'typeorm';
import { ServiceError } from '../common/service-error';
import type { KeyEncryptionKey } from './key-encryption-key';
import { sealedSecretContext } from './sealed-secret.store';

const CHECK_NAME = 'key-encryption-key-check';
const CHECK_TEXT = 'the key-encryption key is the right one';

/**
 * Refuses a wrong key-encryption key at start (docs/adr/0007). A database that has no check value yet gets one;
 * of several gateways that start at once on it, one's is kept and all are checked against that. Then every key that
 * anything is sealed under must be in the file, so that a key dropped too early is noticed here and not at the first
 * enrolment. Throws {@link ServiceError} (`internal`) which says what to do.
 */
export async function checkKeyEncryptionKey(dataSource: DataSource, key: KeyEncryptionKey): Promise<void> {
  const context = sealedSecretContext(CHECK_NAME);
  await dataSource.query('insert into sealed_secrets (name, sealed) values ($1, $2) on conflict (name) do nothing', [
    CHECK_NAME,
    key.seal(Buffer.from(CHECK_TEXT, 'utf8'), context),
  ]);
  // Bytes 2 to 9 of a sealed value are the key's id.
  const used = await dataSource.query<{ id: string }[]>(
    `select encode(substring(sealed from 2 for 8), 'hex') as id from sealed_secrets
     union select encode(substring(sealed_private_key from 2 for 8), 'hex') from keys
     union select encode(substring(sealed from 2 for 8), 'hex') from alias_secrets
     union select encode(substring(sealed from 2 for 8), 'hex') from daily_challenge_keys
     union select encode(substring(sealed_challenge_password from 2 for 8), 'hex') from approvals
       where sealed_challenge_password is not null`,
  );
  const missing = used.map(({ id }) => id).filter((id) => !key.keyIds.includes(id));
  if (missing.length > 0)
    throw new ServiceError(
      'internal',
      `this is not the key-encryption key of this database: values in it are sealed under the key ${missing.join(' and ')}, ` +
        `the key file holds ${key.keyIds.join(', ')}. Start with the key file that this database was set up with, ` +
        'or add the missing key to it as a further line.',
      { rule: 'key-encryption-key.check' },
    );
  const rows = await dataSource.query<{ sealed: Buffer }[]>('select sealed from sealed_secrets where name = $1', [
    CHECK_NAME,
  ]);
  const sealed = rows[0]?.sealed;
  if (sealed === undefined || key.open(sealed, context).toString('utf8') !== CHECK_TEXT)
    throw new ServiceError('internal', 'the check value of the key-encryption key was removed or changed', {
      rule: 'key-encryption-key.check',
    });
}
