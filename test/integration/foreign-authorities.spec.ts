import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certsOnly } from '../../src/pki/cms/degenerate';
import { Certificate } from '../../src/pki/x509/certificate';
import { pem } from '../../src/pki/x509/pem';
import { openAuthorities, type AuthorityRoom } from '../support/authorities';
import { ForeignRoot } from '../support/foreign-root';
import { toIndefinite } from '../support/indefinite-length';
import { testDatabase, type TestDatabase } from '../support/test-database';

const ADMIN = 'administrator';
const YEARS_10 = { notBefore: new Date('2025-01-01T00:00:00Z'), notAfter: new Date('2035-01-01T00:00:00Z') };
const YEARS_5 = { notBefore: new Date('2025-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') };
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

let database: TestDatabase;
let room: AuthorityRoom;

beforeAll(async () => {
  database = await testDatabase();
  room = await openAuthorities(database);
});

afterAll(async () => {
  await room.close();
  await database.close();
});

afterEach(async () => {
  // Subordinates come behind their issuers in the alphabet.
  for (const { authority } of (await room.service.list(100)).reverse())
    await room.service.delete(ADMIN, authority.name);
});

const base64 = (der: Buffer): string => der.toString('base64');
const certificatePem = (...ders: readonly Buffer[]): string => ders.map((der) => pem('CERTIFICATE', der)).join('');

describe('an authority below an external root', () => {
  let root: ForeignRoot;

  beforeAll(async () => {
    root = await ForeignRoot.create('Foreign Root', YEARS_10);
  });

  beforeEach(async () => {
    await room.service.create(ADMIN, {
      name: 'Sub',
      subject: 'CN=Sub,O=Org',
      keyAlgorithm: 'RSA-2048',
      issuer: 'external',
    });
  });

  it('issues nothing before its certificate is there', async () => {
    expect((await room.service.get('Sub')).generations[0]!.generation).toMatchObject({
      state: 'pending',
      certificate: null,
    });
    expect(await room.catalogue.byName('Sub')).toBeUndefined();
  });

  it.each([
    ['PEM certificates, root first', (leaf: Buffer): string => certificatePem(root.der, leaf)],
    [
      'PEM with text around',
      (leaf: Buffer): string => `subject=CN=Sub\n${certificatePem(leaf)}\nissuer:\n${certificatePem(root.der)}`,
    ],
    ['PEM PKCS #7', (leaf: Buffer): string => pem('PKCS7', certsOnly([leaf, root.der]))],
    ['DER PKCS #7 in base64', (leaf: Buffer): string => base64(certsOnly([root.der, leaf]))],
    [
      'BER PKCS #7 in base64 with line ends',
      (leaf: Buffer): string => base64(toIndefinite(certsOnly([leaf, root.der]))).replace(/.{64}/g, '$&\r\n'),
    ],
  ])('begins to issue with the answer as %s', async (_, form) => {
    const leaf = await root.answer(await room.service.request('Sub'), YEARS_5);
    const record = await room.service.importCertificate(ADMIN, 'Sub', form(leaf));
    expect(record.generations[0]!.generation).toMatchObject({ state: 'current', certificate: leaf, chain: [root.der] });
    const { current } = (await room.catalogue.byName('Sub'))!.generations;
    expect(current.raCertificates).toEqual([]);
    expect(current.scepDecrypters[0].certificate.der).toEqual(leaf);
    await expect(room.service.importCertificate(ADMIN, 'Sub', form(leaf))).rejects.toMatchObject({ code: 'conflict' });
    await expect(room.service.request('Sub')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('gets an RA certificate where its key cannot decrypt', async () => {
    await room.service.create(ADMIN, { name: 'EC', subject: 'CN=EC', keyAlgorithm: 'EC-P256', issuer: 'external' });
    const leaf = await root.answer(await room.service.request('EC'), YEARS_5);
    await room.service.importCertificate(ADMIN, 'EC', certificatePem(leaf, root.der));
    const { current } = (await room.catalogue.byName('EC'))!.generations;
    expect(current.raCertificates.map(({ subject }) => subject.toString())).toEqual(['CN=EC SCEP RA']);
    expect(current.raCertificates[0]!.isSignedBy(Certificate.read(leaf).publicKey)).toBe(true);
  });

  it.each([
    [
      'without the root',
      'no certificate of "CN=Foreign Root"',
      async (request: Buffer): Promise<Buffer[]> => [await root.answer(request, YEARS_5)],
    ],
    [
      'that is no CA',
      'is not the certificate of a CA',
      async (request: Buffer): Promise<Buffer[]> => [await root.answer(request, { ...YEARS_5, ca: false }), root.der],
    ],
    [
      'that has expired',
      '"CN=Sub,O=Org" has expired',
      async (request: Buffer): Promise<Buffer[]> => [
        await root.answer(request, { ...YEARS_5, notAfter: new Date('2025-12-31T00:00:00Z') }),
        root.der,
      ],
    ],
    [
      'that is not valid yet',
      'not valid yet',
      async (request: Buffer): Promise<Buffer[]> => [
        await root.answer(request, { ...YEARS_5, notBefore: new Date('2026-12-31T00:00:00Z') }),
        root.der,
      ],
    ],
    [
      'of another root of the same name',
      'no certificate of "CN=Foreign Root"',
      async (request: Buffer): Promise<Buffer[]> => [
        await (await ForeignRoot.create('Foreign Root', YEARS_10)).answer(request, YEARS_5),
        root.der,
      ],
    ],
    [
      'below a root that allows no CA below it',
      '"CN=Narrow" does not allow so many CAs below it',
      async (request: Buffer): Promise<Buffer[]> => {
        const narrow = await ForeignRoot.create('Narrow', { ...YEARS_10, pathLength: 0 });
        return [await narrow.answer(request, YEARS_5), narrow.der];
      },
    ],
    [
      'for another key',
      'none of the certificates belongs to the private key',
      (): Promise<Buffer[]> => Promise.resolve([root.der]),
    ],
  ])('refuses a certificate %s', async (_, message, answer) => {
    const certificates = await answer(await room.service.request('Sub'));
    await expect(room.service.importCertificate(ADMIN, 'Sub', certificatePem(...certificates))).rejects.toMatchObject({
      code: 'invalid-input',
      fields: [{ field: 'certificates', message: expect.stringContaining(message) }],
    });
    expect(await room.catalogue.byName('Sub')).toBeUndefined();
  });

  it.each([
    '',
    'what is this?',
    base64(Buffer.from('3000', 'hex')),
    pem('PRIVATE KEY', Buffer.from('3000', 'hex')),
    '-----BEGIN CERTIFICATE-----\nMIIB',
  ])('refuses %j, which is no certificate', async (answer) => {
    await expect(room.service.importCertificate(ADMIN, 'Sub', answer)).rejects.toMatchObject({
      code: 'invalid-input',
      fields: [expect.objectContaining({ field: 'certificates' })],
    });
  });
});

describe('PKCS #12 import', () => {
  const vector = (name: string): Buffer => readFileSync(join(__dirname, '../vectors/pkcs12', name));

  beforeEach(() => {
    room.clock.set(Certificate.read(pemBody(vector('ca.pem'))).notBefore);
    room.clock.advance({ days: 1 });
  });

  const pemBody = (text: Buffer): Buffer => Buffer.from(text.toString().replace(/-----.*-----|\s/g, ''), 'base64');

  it.each(['modern.p12', 'legacy.p12'])('takes %s over', async (name) => {
    await room.service.import(ADMIN, { name: 'Imported', pkcs12: vector(name), password: 'secret' });
    const { current } = (await room.catalogue.byName('Imported'))!.generations;
    const data = Buffer.from('signed by the imported key');
    expect(current.certificate.publicKey.verify('sha256', data, await current.signer.sign('sha256', data))).toBe(true);
  });

  it('is refused for a key that an authority has already', async () => {
    await room.service.import(ADMIN, { name: 'One', pkcs12: vector('modern.p12'), password: 'secret' });
    await expect(
      room.service.import(ADMIN, { name: 'Two', pkcs12: vector('legacy.p12'), password: 'secret' }),
    ).rejects.toMatchObject({
      code: 'already-exists',
      publicDetail: expect.stringContaining('One'),
    });
  });

  it.each([
    ['a wrong password', 'modern.p12', 'wrong', 'wrong password or damaged file'],
    ['a certificate that is not a CA’s', 'ec-with-chain.p12', 'secret', 'is not the certificate of a CA'],
    ['no certificate', 'no-certificate.p12', 'secret', 'holds no certificate of its private key'],
  ])('is refused for %s', async (_, name, password, message) => {
    const failure: unknown = await room.service
      .import(ADMIN, { name: 'X', pkcs12: vector(name), password })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'invalid-input',
      fields: [{ field: 'pkcs12', message: expect.stringContaining(message) }],
    });
    expect(JSON.stringify(failure)).not.toContain(`"${password}"`);
  });

  it('takes over a file that PKI.js made', async () => {
    room.clock.set(YEARS_5.notBefore);
    const root = await ForeignRoot.create('PKI.js Root', YEARS_10);
    await room.service.import(ADMIN, { name: 'PKIjs', pkcs12: await root.pkcs12('p12'), password: 'p12' });
    const { current } = (await room.catalogue.byName('PKIjs'))!.generations;
    expect(current.certificate.der).toEqual(root.der);
    expect(current.raCertificates[0]!.isSignedBy(current.certificate.publicKey)).toBe(true);
  });
});

(hasOpenssl ? describe : describe.skip)('with the openssl CLI', () => {
  let directory: string;
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'authorities-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function makeRoot(): void {
    const subject = ['-subj', '/CN=OpenSSL Root', '-days', '3650'];
    const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'root.key',
      '-out',
      'root.pem',
      ...usage,
      ...subject,
    );
    openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'sub.key',
      '-out',
      'sub.csr',
      '-subj',
      '/CN=OpenSSL Sub',
    );
    writeFileSync(
      join(directory, 'ca.cnf'),
      'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n',
    );
    openssl(
      'x509',
      '-req',
      '-in',
      'sub.csr',
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key',
      '-CAcreateserial',
      '-extfile',
      'ca.cnf',
      '-days',
      '1000',
      '-out',
      'sub.pem',
    );
    const { notBefore } = Certificate.read(Buffer.from(openssl('x509', '-in', 'sub.pem', '-outform', 'DER')));
    room.clock.set(notBefore);
    room.clock.advance({ minutes: 5 });
  }

  it('imports a subordinate with its root, and issues RA certificates that openssl verifies', async () => {
    makeRoot();
    const p12 = openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'sub.key',
      '-in',
      'sub.pem',
      '-certfile',
      'root.pem',
      '-passout',
      'pass:p12',
      '-out',
      '-',
    );
    await room.service.import(ADMIN, {
      name: 'Sub',
      pkcs12: p12,
      password: 'p12',
      settings: { raCertificate: 'pair' },
    });
    const { current } = (await room.catalogue.byName('Sub'))!.generations;
    expect(current.chain).toHaveLength(1);
    writeFileSync(join(directory, 'ra.pem'), certificatePem(...current.raCertificates.map(({ der }) => der)));
    const at = String(Math.floor(room.clock.now().getTime() / 1000));
    const output = openssl(
      'verify',
      '-x509_strict',
      '-attime',
      at,
      '-CAfile',
      'root.pem',
      '-untrusted',
      'sub.pem',
      'ra.pem',
    ).toString();
    expect(output.trim()).toBe('ra.pem: OK');
  });

  it('takes the chain of a PKCS #12 file from a field of its own where the file lacks it', async () => {
    makeRoot();
    const pkcs12 = openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'sub.key',
      '-in',
      'sub.pem',
      '-passout',
      'pass:p12',
      '-out',
      '-',
    );
    const request = { name: 'Sub', pkcs12, password: 'p12' };
    await expect(room.service.import(ADMIN, request)).rejects.toMatchObject({ code: 'invalid-input' });
    const chain = readFileSync(join(directory, 'root.pem'), 'utf8');
    const { generations } = await room.service.import(ADMIN, { ...request, chain });
    // Its keyUsage forbids the key to decrypt.
    expect(generations[0]!.raCertificates.map(({ raCertificate }) => raCertificate.purpose)).toEqual(['both']);
    // An administrator who knows better has the key decrypt all the same, as micromdm's depot does.
    await room.service.change(ADMIN, 'Sub', { settings: { raCertificate: 'none' } });
    const { current } = (await room.catalogue.byName('Sub'))!.generations;
    expect(current.raCertificates).toEqual([]);
    expect(current.scepSigner.certificate).toBe(current.certificate);
    expect(current.scepDecrypters[0].certificate).toBe(current.certificate);
    expect(current.scepDecrypters).toHaveLength(2);
  });

  it('makes roots and subordinates that openssl verifies strictly', async () => {
    await room.service.create(ADMIN, { name: 'Root', subject: 'CN=Root', keyAlgorithm: 'EC-P384' });
    await room.service.create(ADMIN, { name: 'Sub', subject: 'CN=Sub', issuer: { authority: 'Root' } });
    const { current } = (await room.catalogue.byName('Sub'))!.generations;
    writeFileSync(join(directory, 'root.pem'), certificatePem(current.chain[0]!.der));
    writeFileSync(join(directory, 'sub.pem'), certificatePem(current.certificate.der));
    const at = String(Math.floor(room.clock.now().getTime() / 1000));
    const output = openssl('verify', '-x509_strict', '-attime', at, '-CAfile', 'root.pem', 'sub.pem').toString();
    expect(output.trim()).toBe('sub.pem: OK');
  });

  it('makes requests that openssl verifies', async () => {
    await room.service.create(ADMIN, { name: 'Sub', subject: 'CN=Sub', keyAlgorithm: 'EC-P256', issuer: 'external' });
    writeFileSync(join(directory, 'sub.csr'), await room.service.request('Sub'));
    const text = openssl('req', '-in', 'sub.csr', '-inform', 'DER', '-verify', '-noout', '-text').toString();
    expect(text).toContain('CA:TRUE');
    expect(text).toContain('Subject: CN = Sub');
  });
});
