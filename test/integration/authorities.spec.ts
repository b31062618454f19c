import { X509Certificate } from 'node:crypto';
import { CertificateChainValidationEngine, Certificate as PkijsCertificate } from 'pkijs';
import { AuthorityCatalogue } from '../../src/authorities/authority-catalogue';
import type { AuthorityRecord } from '../../src/authorities/authority.repository';
import { newSerialNumber } from '../../src/authorities/serial-number';
import { signCertificate } from '../../src/authorities/issue-certificate';
import { createLogger } from '../../src/common/logger';
import { SystemRandomSource } from '../../src/common/random-source';
import { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { keyUsage, readBasicConstraints, readExtendedKeyUsage } from '../../src/pki/x509/extension';
import { Oid } from '../../src/pki/x509/oid';
import { openAuthorities, type AuthorityRoom } from '../support/authorities';
import { testDatabase, type TestDatabase } from '../support/test-database';

const ADMIN = 'administrator';
const random = new SystemRandomSource();
let database: TestDatabase;
let room: AuthorityRoom;

beforeEach(async () => {
  database = await testDatabase();
  room = await openAuthorities(database);
});

afterEach(async () => {
  await room.close();
  await database.close();
});

const certificateOf = (record: AuthorityRecord): Certificate =>
  Certificate.read(record.generations[0]!.generation.certificate!);

async function verifyByPkijs(certificate: Certificate, ...issuers: readonly Certificate[]): Promise<void> {
  const [root, ...others] = [...issuers].reverse().map(({ der }) => PkijsCertificate.fromBER(der));
  const engine = new CertificateChainValidationEngine({
    trustedCerts: [root!],
    certs: [...others, PkijsCertificate.fromBER(certificate.der)],
    checkDate: room.clock.now(),
  });
  const { result, resultMessage } = await engine.verify();
  expect({ result, resultMessage }).toEqual({ result: true, resultMessage: expect.anything() });
}

describe('a root', () => {
  it('needs a name and a subject only', async () => {
    const record = await room.service.create(ADMIN, {
      name: 'ManagementCA',
      subject: 'CN=Management CA,O=PrimeKey,C=SE',
    });
    const certificate = certificateOf(record);
    expect(certificate.subject.toString()).toBe('CN=Management CA,O=PrimeKey,C=SE');
    expect(record.generations[0]).toMatchObject({ keyAlgorithm: 'RSA-2048', raCertificates: [] });
    expect(certificate.notBefore.toISOString()).toBe('2026-01-02T02:04:05.000Z');
    expect(certificate.notAfter.toISOString()).toBe('2035-12-31T03:04:05.000Z');
    expect(certificate.serialNumber).toHaveLength(20);
    const seen = new X509Certificate(certificate.der);
    expect(seen.ca).toBe(true);
    expect(seen.verify(seen.publicKey)).toBe(true);
    await verifyByPkijs(certificate, certificate);
  });

  it('signs and decrypts SCEP messages itself and says so in its keyUsage (C-06)', async () => {
    const record = await room.service.create(ADMIN, { name: 'CA', subject: 'CN=CA' });
    const certificate = certificateOf(record);
    expect(certificate.keyUsage).toEqual(new Set(['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign']));
    expect(readBasicConstraints(certificate.extension(Oid.basicConstraints)!).ca).toBe(true);
    const { current } = (await room.catalogue.byName('CA'))!.generations;
    expect(current.raCertificates).toEqual([]);
    expect(current.scepSigner.certificate.der).toEqual(certificate.der);
    expect(current.scepDecrypters.map((decrypter) => decrypter.certificate.der)).toEqual([certificate.der]);
  });

  it.each(['EC-P256', 'EC-P384'] as const)('with %s has an RSA RA certificate (I-29)', async (keyAlgorithm) => {
    const record = await room.service.create(ADMIN, { name: 'CA', subject: 'CN=EC CA,O=Org', keyAlgorithm });
    const certificate = certificateOf(record);
    expect(certificate.keyUsage).toEqual(new Set(['keyCertSign', 'cRLSign']));
    const { current } = (await room.catalogue.byName('CA'))!.generations;
    const [ra] = current.raCertificates;
    expect(current.raCertificates).toHaveLength(1);
    expect(ra!.subject.toString()).toBe('CN=EC CA SCEP RA,O=Org');
    expect(ra!.keyUsage).toEqual(new Set(['digitalSignature', 'keyEncipherment']));
    expect(readExtendedKeyUsage(ra!.extension(Oid.extKeyUsage)!)).toEqual(['1.3.6.1.4.1.311.20.2.1']);
    expect(ra!.isCa).toBe(false);
    expect(ra!.publicKey).toMatchObject({ type: 'rsa', bits: 2048 });
    expect(current.scepSigner.certificate).toBe(ra);
    expect(current.scepDecrypters.map((decrypter) => decrypter.certificate)).toEqual([ra]);
    await verifyByPkijs(ra!, certificate);
  });

  it('has a pair of RA certificates where its settings say so', async () => {
    const settings = { raCertificate: 'pair', raKeyAlgorithm: 'RSA-3072', digest: 'sha384' } as const;
    const record = await room.service.create(ADMIN, { name: 'CA', subject: 'CN=CA', settings });
    expect(certificateOf(record).keyUsage).toEqual(new Set(['keyCertSign', 'cRLSign']));
    expect(certificateOf(record).signatureAlgorithm).toMatchObject({ keyType: 'rsa', digest: 'sha384' });
    const { current } = (await room.catalogue.byName('CA'))!.generations;
    const [sign, encrypt] = current.raCertificates;
    expect(sign!.keyUsage).toEqual(new Set(['digitalSignature']));
    expect(encrypt!.keyUsage).toEqual(new Set(['keyEncipherment']));
    expect(encrypt!.publicKey.bits).toBe(3072);
    expect(current.scepSigner.certificate).toBe(sign);
    expect(current.scepDecrypters.map((decrypter) => decrypter.certificate)).toEqual([encrypt]);
  });

  it.each([
    [{ name: 'CA/1', subject: 'CN=CA' }, 'name'],
    [{ name: ' CA', subject: 'CN=CA' }, 'name'],
    [{ name: 'CA', subject: '' }, 'subject'],
    [{ name: 'CA', subject: 'no name' }, 'subject'],
    [
      { name: 'CA', subject: 'CN=CA', keyAlgorithm: 'EC-P256', settings: { raCertificate: 'none' } },
      'settings.raCertificate',
    ],
  ] as const)('is refused for %j', async (request, field) => {
    await expect(room.service.create(ADMIN, request)).rejects.toMatchObject({
      code: 'invalid-input',
      fields: [expect.objectContaining({ field })],
    });
  });

  it('is made once, however often its name is asked for at the same time', async () => {
    const request = { name: 'CA', subject: 'CN=CA', keyAlgorithm: 'EC-P256' } as const;
    const results = await Promise.allSettled(Array.from({ length: 4 }, () => room.service.create(ADMIN, request)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'already-exists' });
    const [{ keys }] = await room.dataSource.query('select count(*)::integer as keys from keys');
    expect(keys).toBe(2);
  });
});

describe('a subordinate', () => {
  beforeEach(async () => {
    await room.service.create(ADMIN, { name: 'Root', subject: 'CN=Root', keyAlgorithm: 'EC-P384', validityDays: 1000 });
  });

  it('is signed by an authority here and ends with it at the latest', async () => {
    const issuer = { authority: 'Root' };
    const record = await room.service.create(ADMIN, { name: 'Issuing 1', subject: 'CN=Issuing 1', issuer });
    const certificate = certificateOf(record);
    const root = certificateOf(await room.service.get('Root'));
    expect(certificate.notAfter).toEqual(root.notAfter);
    expect(certificate.signatureAlgorithm).toMatchObject({ keyType: 'ec', digest: 'sha256' });
    const { current } = (await room.catalogue.byName('Issuing 1'))!.generations;
    expect(current.chain.map(({ der }) => der)).toEqual([root.der]);
    expect(current.raCertificates).toEqual([]);
    await verifyByPkijs(certificate, root);
    expect(new X509Certificate(certificate.der).verify(new X509Certificate(root.der).publicKey)).toBe(true);
  });

  it('of a subordinate has a chain of two', async () => {
    await room.service.create(ADMIN, { name: 'A', subject: 'CN=A', issuer: { authority: 'Root' } });
    await room.service.create(ADMIN, { name: 'B', subject: 'CN=B', issuer: { authority: 'A' } });
    const { current } = (await room.catalogue.byName('B'))!.generations;
    expect(current.chain.map(({ subject }) => subject.toString())).toEqual(['CN=A', 'CN=Root']);
    await verifyByPkijs(current.certificate, ...current.chain);
    await expect(room.service.delete(ADMIN, 'A')).rejects.toMatchObject({
      code: 'in-use',
      publicDetail: expect.stringContaining('B'),
    });
    await expect(room.service.delete(ADMIN, 'Root')).rejects.toMatchObject({
      code: 'in-use',
      publicDetail: expect.stringContaining('A, B'),
    });
  });

  it('needs an issuer that exists and is valid', async () => {
    const request = { name: 'A', subject: 'CN=A' };
    await expect(room.service.create(ADMIN, { ...request, issuer: { authority: 'Absent' } })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(
      room.service.create(ADMIN, { ...request, subject: 'CN=root', issuer: { authority: 'Root' } }),
    ).rejects.toMatchObject({ code: 'invalid-input' });
    await room.service.create(ADMIN, { name: 'Pending', subject: 'CN=P', issuer: 'external' });
    await expect(room.service.create(ADMIN, { ...request, issuer: { authority: 'Pending' } })).rejects.toMatchObject({
      code: 'authority-unavailable',
    });
    room.clock.advance({ days: 1001 });
    await expect(room.service.create(ADMIN, { ...request, issuer: { authority: 'Root' } })).rejects.toMatchObject({
      code: 'authority-unavailable',
    });
  });
});

describe('administration', () => {
  const make = (name: string): Promise<AuthorityRecord> =>
    room.service.create(ADMIN, { name, subject: `CN=${name}`, keyAlgorithm: 'EC-P256' });

  beforeEach(async () => {
    await make('a');
  });

  const names = (records: readonly AuthorityRecord[]): string[] => records.map(({ authority }) => authority.name);

  it('lists page by page in the order of names', async () => {
    for (const name of ['b', 'C']) await make(name);
    expect(names(await room.service.list(2))).toEqual(['C', 'a']);
    expect(names(await room.service.list(2, 'a'))).toEqual(['b']);
    expect(names(await room.service.list(2, 'b'))).toEqual([]);
  });

  it('renames, and gateways find the authority by its new name at once', async () => {
    await make('b');
    expect(await room.catalogue.byName('a')).toBeDefined();
    await room.service.rename(ADMIN, 'a', 'Z 1');
    expect(await room.catalogue.byName('a')).toBeUndefined();
    expect((await room.catalogue.byName('Z 1'))?.name).toBe('Z 1');
    await expect(room.service.rename(ADMIN, 'Z 1', 'b')).rejects.toMatchObject({ code: 'already-exists' });
    await expect(room.service.rename(ADMIN, 'a', 'x')).rejects.toMatchObject({ code: 'not-found' });
    await expect(room.service.rename(ADMIN, 'b', 'x/y')).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('changes description and settings, null giving back the default', async () => {
    await room.service.change(ADMIN, 'a', { description: 'lab', settings: { digest: 'sha512' } });
    expect((await room.catalogue.byName('a'))!.generations.current.digest).toBe('sha512');
    const { authority } = await room.service.change(ADMIN, 'a', { settings: { digest: null } });
    expect(authority).toMatchObject({ description: 'lab', settings: {} });
    expect((await room.catalogue.byName('a'))!.generations.current.digest).toBe('sha256');
    await room.service.change(ADMIN, 'a', { settings: { digest: 'sha384', raValidityDays: 100 } });
    const { authority: reset } = await room.service.change(ADMIN, 'a', { description: null, settings: null });
    expect(reset).toMatchObject({ description: '', settings: {} });
  });

  it('keeps both of two changes at the same time', async () => {
    const changes = [
      { settings: { digest: 'sha512' } },
      { settings: { raValidityDays: 100 } },
      { description: 'lab' },
    ] as const;
    await Promise.all(changes.map((change) => room.service.change(ADMIN, 'a', change)));
    const { authority } = await room.service.get('a');
    expect(authority).toMatchObject({ description: 'lab', settings: { digest: 'sha512', raValidityDays: 100 } });
  });

  it('changes from one RA certificate to a pair and back, the former ones still decrypting', async () => {
    const before = (await room.catalogue.byName('a'))!.generations.current;
    await room.service.change(ADMIN, 'a', { settings: { raCertificate: 'pair' } });
    const pair = (await room.catalogue.byName('a'))!.generations.current;
    expect(pair.raCertificates).toHaveLength(2);
    expect(pair.scepDecrypters.map(({ certificate }) => certificate.serialHex)).toEqual([
      pair.raCertificates[1]!.serialHex,
      before.raCertificates[0]!.serialHex,
    ]);
    await room.service.change(ADMIN, 'a', { settings: { raCertificate: null } });
    const single = (await room.catalogue.byName('a'))!.generations.current;
    expect(single.raCertificates).toHaveLength(1);
    expect(single.scepDecrypters).toHaveLength(3);
    await expect(room.service.change(ADMIN, 'a', { settings: { raCertificate: 'none' } })).rejects.toMatchObject({
      code: 'invalid-input',
    });
  });

  it('deletes an authority with its keys', async () => {
    await room.service.delete(ADMIN, 'a');
    await expect(room.service.get('a')).rejects.toMatchObject({ code: 'not-found' });
    const [{ keys }] = await room.dataSource.query('select count(*)::integer as keys from keys');
    expect(keys).toBe(0);
  });

  it.each([
    [
      'aliases',
      `insert into aliases (name) values ('scep')`,
      `insert into alias_authorities select aliases.id, 0, authorities.id from aliases, authorities where authorities.name = 'a'`,
    ],
    [
      'end entities',
      `insert into certificate_profiles (name) values ('p')`,
      `insert into end_entity_profiles (name) values ('p')`,
      `insert into end_entities (username, status, subject, authority_id, certificate_profile_id, end_entity_profile_id)
       select 'u', 10, 'CN=u', authorities.id, c.id, e.id from authorities, certificate_profiles c, end_entity_profiles e where authorities.name = 'a'`,
    ],
    [
      'certificates',
      `insert into certificates (serial_number, authority_id, generation_id, username, certificate_profile, subject, certificate, public_key_hash, fingerprint, not_before, not_after, issued_at)
       select '\\x01', a.id, g.id, 'u', 'p', 'CN=u', '\\x', '\\x', '\\x', now(), now(), now() from authorities a join authority_generations g on g.authority_id = a.id where a.name = 'a'`,
    ],
  ])('does not delete an authority that %s refer to', async (what, ...statements) => {
    for (const statement of statements) await room.dataSource.query(statement);
    await expect(room.service.delete(ADMIN, 'a')).rejects.toMatchObject({
      code: 'in-use',
      publicDetail: `${what} refer to this authority`,
    });
    expect(names(await room.service.list(10))).toContain('a');
  });

  it('is recorded in the audit log', async () => {
    await room.service.rename(ADMIN, 'a', 'd');
    await room.service.delete(ADMIN, 'd');
    const events = await room.dataSource.query(
      `select actor, action, target from audit_events order by action, target`,
    );
    expect(events).toEqual([
      { actor: ADMIN, action: 'authority.create', target: 'authorities/a' },
      { actor: ADMIN, action: 'authority.delete', target: 'authorities/d' },
      { actor: ADMIN, action: 'authority.rename', target: 'authorities/a' },
    ]);
  });
});

describe('the catalogue', () => {
  it('shows another gateway’s new authority, and leaves out one whose key cannot be opened', async () => {
    const other = await openAuthorities(database, room.clock);
    await room.service.create(ADMIN, { name: 'A', subject: 'CN=A', keyAlgorithm: 'EC-P256' });
    await room.service.create(ADMIN, { name: 'B', subject: 'CN=B' });
    expect([...(await room.catalogue.get()).byName.keys()]).toEqual(['A', 'B']);
    await room.dataSource.query(`update keys set sealed_private_key = '\\x00' where algorithm like 'EC%'`);
    const { byName, byId } = await other.catalogue.get();
    expect([...byName.keys()]).toEqual(['B']);
    expect(byId.get(byName.get('B')!.id)).toBe(byName.get('B'));
    await other.close();
  });

  it('does not take a lost connection for an authority that cannot be used', async () => {
    await room.service.create(ADMIN, { name: 'A', subject: 'CN=A', keyAlgorithm: 'EC-P256' });
    let away = true;
    const keyStore = new Proxy(room.keyStore, {
      get: (target, property, receiver): unknown =>
        property === 'signer' && away
          ? () => Promise.reject(new Error('connection lost'))
          : Reflect.get(target, property, receiver),
    });
    const catalogue = new AuthorityCatalogue(
      room.configurationVersion,
      room.dataSource,
      keyStore,
      createLogger('silent'),
    );
    await expect(catalogue.get()).rejects.toThrow('connection lost');
    away = false;
    expect((await catalogue.get()).byName.has('A')).toBe(true);
  });

  it('issues certificates that end with the issuer, under a key that is not opened again', async () => {
    await room.service.create(ADMIN, { name: 'CA', subject: 'CN=CA', validityDays: 100 });
    const { current } = (await room.catalogue.byName('CA'))!.generations;
    const template = {
      serialNumber: newSerialNumber(random),
      subject: DistinguishedName.parse('CN=device'),
      spki: current.certificate.spki,
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2050-01-01T00:00:00Z'),
      extensions: [keyUsage(['digitalSignature'])],
    };
    const certificate = await signCertificate(current, template);
    expect(certificate.notBefore).toEqual(current.certificate.notBefore);
    expect(certificate.notAfter).toEqual(current.certificate.notAfter);
    expect(certificate.extensions.map(({ oid }) => oid)).toEqual([
      Oid.keyUsage,
      Oid.subjectKeyIdentifier,
      Oid.authorityKeyIdentifier,
    ]);
    expect(certificate.issuer.raw).toEqual(current.certificate.subject.raw);
    expect(certificate.serialNumber).toEqual(template.serialNumber);
    await verifyByPkijs(certificate, current.certificate);
    await expect(
      signCertificate(current, { ...template, notBefore: new Date('2030-01-01T00:00:00Z') }),
    ).rejects.toMatchObject({
      code: 'authority-unavailable',
    });
    await room.service.change(ADMIN, 'CA', { description: 'other' });
    const again = (await room.catalogue.byName('CA'))!.generations.current;
    expect(again).not.toBe(current);
    expect(again.signer).toBe(current.signer);
  });
});
