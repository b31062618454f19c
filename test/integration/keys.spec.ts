import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { SystemRandomSource } from '../../src/common/random-source';
import { checkKeyEncryptionKey } from '../../src/keys/key-encryption-key.check';
import { KeyEncryptionKey } from '../../src/keys/key-encryption-key';
import { KeyStore } from '../../src/keys/key-store';
import { KeyEntity } from '../../src/keys/key.entity';
import { SealedSecretEntity } from '../../src/keys/sealed-secret.entity';
import { SealedSecretStore } from '../../src/keys/sealed-secret.store';
import { Verifier } from '../../src/keys/verifier';
import { testDatabase, type TestDatabase } from '../support/test-database';

const random = new SystemRandomSource();
const OLD = '11'.repeat(32);
const NEW = '22'.repeat(32);
const keyOf = (...lines: string[]): KeyEncryptionKey => KeyEncryptionKey.parse(lines.join('\n'), random);

let database: TestDatabase;
let dataSource: DataSource;

beforeEach(async () => {
  database = await testDatabase();
  dataSource = await database.dataSource([KeyEntity, SealedSecretEntity], 10);
});

afterEach(async () => {
  await database.close();
});

describe('check of the key-encryption key at start', () => {
  it('accepts the key that the database was set up with, and refuses another', async () => {
    await checkKeyEncryptionKey(dataSource, keyOf(OLD));
    await checkKeyEncryptionKey(dataSource, keyOf(OLD));
    await expect(checkKeyEncryptionKey(dataSource, keyOf(NEW))).rejects.toThrow(
      'this is not the key-encryption key of this database',
    );
  });

  it('lets one of two gateways win that start at once with different keys on a fresh database', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => checkKeyEncryptionKey(dataSource, keyOf(i % 2 === 0 ? OLD : NEW))),
    );
    const even = results.filter((_, i) => i % 2 === 0).map(({ status }) => status);
    const odd = results.filter((_, i) => i % 2 === 1).map(({ status }) => status);
    expect(new Set(even).size).toBe(1);
    expect(new Set(odd).size).toBe(1);
    expect(even[0]).not.toBe(odd[0]);
  });

  it('accepts a new key in front of the old one, and notices that the old one was dropped too early', async () => {
    await checkKeyEncryptionKey(dataSource, keyOf(OLD));
    await checkKeyEncryptionKey(dataSource, keyOf(NEW, OLD));
    await new SealedSecretStore(dataSource, keyOf(NEW, OLD), random).getOrCreate('later');
    await expect(checkKeyEncryptionKey(dataSource, keyOf(NEW))).rejects.toThrow(keyOf(OLD).keyIds[0]);
    await expect(checkKeyEncryptionKey(dataSource, keyOf(OLD))).rejects.toThrow(keyOf(NEW).keyIds[0]);
  });

  it('notices a private key that is sealed under a key it does not have', async () => {
    await checkKeyEncryptionKey(dataSource, keyOf(OLD));
    const store = new KeyStore(dataSource, keyOf(NEW), random);
    await store.save(await store.generate('EC-P256'), dataSource.manager);
    await expect(checkKeyEncryptionKey(dataSource, keyOf(OLD))).rejects.toThrow(keyOf(NEW).keyIds[0]);
  });

  it.each([
    ['a secret of an alias', `insert into alias_secrets (alias_id, field, sealed) select id, 'f', $1 from alias`],
    ['a key of daily challenges', 'insert into daily_challenge_keys select id, $1, now() from alias'],
  ])('notices %s that is sealed under a key it does not have', async (_, insert) => {
    await checkKeyEncryptionKey(dataSource, keyOf(OLD));
    const sealed = keyOf(NEW).seal(Buffer.from('secret'), 'anything');
    await dataSource.query(`with alias as (insert into aliases (name) values ('scep') returning id) ${insert}`, [
      sealed,
    ]);
    await expect(checkKeyEncryptionKey(dataSource, keyOf(OLD))).rejects.toThrow(keyOf(NEW).keyIds[0]);
    await checkKeyEncryptionKey(dataSource, keyOf(OLD, NEW));
  });

  it('notices that the check value was changed', async () => {
    await checkKeyEncryptionKey(dataSource, keyOf(OLD));
    await dataSource.query('update sealed_secrets set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)');
    await expect(checkKeyEncryptionKey(dataSource, keyOf(OLD))).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('SealedSecretStore', () => {
  it('gives all who ask at once the same secret, and the same later', async () => {
    const stores = Array.from({ length: 20 }, () => new SealedSecretStore(dataSource, keyOf(OLD), random));
    const secrets = await Promise.all(stores.map((store) => store.getOrCreate('verifier-key')));
    expect(secrets[0]).toHaveLength(32);
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
    expect(await new SealedSecretStore(dataSource, keyOf(NEW, OLD), random).getOrCreate('verifier-key')).toEqual(
      secrets[0],
    );
  });

  it('keeps secrets apart by name, and does not open one that was moved to another name', async () => {
    const store = new SealedSecretStore(dataSource, keyOf(OLD), random);
    expect(await store.getOrCreate('a')).not.toEqual(await store.getOrCreate('b'));
    await dataSource.query(`update sealed_secrets set sealed = (select sealed from sealed_secrets where name = 'a')`);
    await expect(store.getOrCreate('b')).rejects.toThrow('belongs to another row');
  });

  it('gives two gateways the same verifiers', async () => {
    const [one, other] = await Promise.all(
      [0, 1].map(() => Verifier.open(new SealedSecretStore(dataSource, keyOf(OLD), random))),
    );
    expect(one!.matches('end-entity/1', 'foo123', other!.compute('end-entity/1', 'foo123'))).toBe(true);
  });
});

describe('KeyStore', () => {
  let store: KeyStore;
  let other: KeyStore;

  beforeEach(() => {
    store = new KeyStore(dataSource, keyOf(OLD), random);
    other = new KeyStore(dataSource, keyOf(NEW, OLD), random);
  });

  it('signs on another gateway with the key that this one made', async () => {
    for (const algorithm of ['RSA-2048', 'EC-P256', 'EC-P384'] as const) {
      const key = await store.generate(algorithm);
      expect(key.algorithm).toBe(algorithm);
      await store.save(key, dataSource.manager);
      const signer = await other.signer(key.id);
      expect(signer.publicKey.spki).toEqual(key.publicKey.spki);
      const data = Buffer.from('to be signed');
      expect(key.publicKey.verify('sha256', data, await signer.sign('sha256', data))).toBe(true);
      expect(key.publicKey.verify('sha256', data, await key.signer.sign('sha256', data))).toBe(true);
    }
  });

  it('decrypts with RSA keys only', async () => {
    const [rsa, ec] = [await store.generate('RSA-2048'), await store.generate('EC-P256')];
    for (const key of [rsa, ec]) await store.save(key, dataSource.manager);
    const decrypter = await other.decrypter(rsa.id);
    const block = Buffer.alloc(256, 9);
    const spki = { key: rsa.publicKey.spki, format: 'der', type: 'spki' } as const;
    const ciphertext = publicEncrypt({ ...spki, padding: constants.RSA_NO_PADDING }, block);
    expect(await decrypter.raw(ciphertext)).toEqual(block);
    expect(decrypter.substitute(ciphertext, 16)).toEqual((await store.decrypter(rsa.id)).substitute(ciphertext, 16));
    await expect(other.decrypter(ec.id)).rejects.toMatchObject({ code: 'authority-unavailable' });
  });

  it('takes in a key from elsewhere and wipes the caller’s copy', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    const key = store.import(pkcs8);
    expect(key.algorithm).toBe('RSA-3072');
    expect(pkcs8.every((octet) => octet === 0)).toBe(true);
    await store.save(key, dataSource.manager);
    expect((await other.signer(key.id)).publicKey.bits).toBe(3072);
  });

  it('leaves no private key in the database that can be read without the key-encryption key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = privateKey.export({ format: 'jwk' });
    const secretNumber = Buffer.from(jwk.d as string, 'base64url');
    const key = store.import(privateKey.export({ format: 'der', type: 'pkcs8' }));
    await store.save(key, dataSource.manager);
    const row = await dataSource.manager.findOneByOrFail(KeyEntity, { id: key.id });
    expect(row.sealedPrivateKey.includes(secretNumber)).toBe(false);
    expect(keyOf(OLD).open(row.sealedPrivateKey, `keys/${key.id}`).includes(secretNumber)).toBe(true);
  });

  it('does not open a key whose sealed value stands in the row of another', async () => {
    const [a, b] = [await store.generate('EC-P256'), await store.generate('EC-P256')];
    for (const key of [a, b]) await store.save(key, dataSource.manager);
    await dataSource.query('update keys set sealed_private_key = (select sealed_private_key from keys where id = $1)', [
      a.id,
    ]);
    await expect(other.signer(b.id)).rejects.toMatchObject({ code: 'authority-unavailable' });
    await expect(other.signer(a.id)).resolves.toBeDefined();
  });

  it('opens a key once, and again only after it was forgotten', async () => {
    const key = await store.generate('EC-P256');
    await store.save(key, dataSource.manager);
    const [one, two] = await Promise.all([store.signer(key.id), store.signer(key.id)]);
    expect(one).toBe(two);
    await store.delete([key.id], dataSource.manager);
    store.retain(new Set([key.id]));
    expect(await store.signer(key.id)).toBe(one);
    store.retain(new Set());
    await expect(store.signer(key.id)).rejects.toMatchObject({ code: 'authority-unavailable' });
  });

  it('remembers no failure to open', async () => {
    const key = await store.generate('EC-P256');
    await expect(store.signer(key.id)).rejects.toMatchObject({ code: 'authority-unavailable' });
    await store.save(key, dataSource.manager);
    await expect(store.signer(key.id)).resolves.toBeDefined();
  });
});
