import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand, runSuccessfully } from './command';
import { describeWith, OPENSSL, STRONGSWAN, whyStrongswanCannotGet } from './foreign-client';
import { fingerprint, InteropGateway, type Method, type Registered } from './interop-gateway';

/** What a first start creates, with every default. */
const DEFAULT_ALIAS = 'scep';
const DEFAULT_AUTHORITY = 'ManagementCA';
/** Renews from the first day on. */
const RENEWING_ALIAS = 'renewing';
/** What the administrator sees of it. */
const WRONG_CHALLENGE = { outcome: 'refused', rule: 'challenge.wrong' };

/** The files that `pki --scepca` wrote. */
interface CaFiles {
  readonly encryption: string;
  readonly signature: string;
  readonly others: readonly string[];
}

const noGet = whyStrongswanCannotGet();
const methods: readonly Method[] = noGet === undefined ? ['POST', 'GET'] : ['POST'];

describeWith([STRONGSWAN, OPENSSL], () => {
  let gateway: InteropGateway;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    await gateway.create('authorities', {
      name: 'Root',
      subject: 'CN=Interop Root,O=Interop',
      keyAlgorithm: 'RSA-4096',
    });
    await gateway.create('authorities', {
      name: 'Subordinate',
      subject: 'CN=Interop Subordinate,O=Interop',
      keyAlgorithm: 'RSA-2048',
      issuer: 'Root',
    });
    await gateway.create('authorities', {
      name: 'Curve',
      subject: 'CN=Interop Curve,O=Interop',
      keyAlgorithm: 'EC-P256',
    });
    await gateway.create('aliases', { name: 'subordinate', authorities: ['Subordinate'] });
    await gateway.create('aliases', { name: 'curve', authorities: ['Curve'] });
    await gateway.create('aliases', { name: RENEWING_ALIAS, authorities: ['Root'], renewal: { window: '100%' } });
    await gateway.create('aliases', { name: 'curve-renewing', authorities: ['Curve'], renewal: { window: '100%' } });
  });
  afterAll(() => gateway.stop());

  async function fetchCa(alias: string, directory: string): Promise<CaFiles> {
    const ca = join(directory, 'ca.pem');
    const ra = join(directory, 'ra.pem');
    const url = gateway.scepUrl(alias, 'POST');
    await runSuccessfully('pki', ['--scepca', '--url', url, '--caout', ca, '--raout', ra, '--outform', 'pem']);
    const numbered = [1, 2].map((n) => join(directory, `ca-${n}.pem`)).filter((file) => existsSync(file));
    // With several CA certificates the root comes as ca.pem, and what stands between as ca-1.pem.
    if (existsSync(ra)) return { encryption: ra, signature: ra, others: [ca, ...numbered] };
    const issuing = numbered.at(-1) ?? ca;
    return { encryption: issuing, signature: issuing, others: numbered.length === 0 ? [] : [ca] };
  }

  async function enrol(options: {
    readonly alias: string;
    readonly method: Method;
    readonly bits: number;
    readonly endEntity: Registered;
    readonly challenge?: string;
    readonly digest?: string;
    /** Files of the certificate that is renewed and of its key. */
    readonly renews?: { readonly certificateFile: string; readonly keyFile: string };
    /** Of the new certificate; made unless given. */
    readonly newKeyFile?: string;
  }): Promise<{ result: CommandResult; keyFile: string; certificateFile: string }> {
    const directory = gateway.directory();
    const ca = await fetchCa(options.alias, directory);
    const keyFile = options.newKeyFile ?? join(directory, 'key.pem');
    const certificateFile = join(directory, 'certificate.pem');
    if (options.newKeyFile === undefined) {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: options.bits });
      writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs1' }));
    }
    const { username, enrolmentCode } = options.endEntity;
    const { renews } = options;
    const result = await runCommand('pki', [
      ...['--scep', '--url', gateway.scepUrl(options.alias, options.method), '--in', keyFile],
      ...(renews === undefined
        ? ['--dn', `C=SE, O=Interop, CN=${username}`, '--password', options.challenge ?? enrolmentCode]
        : ['--dn', `CN=${username}`, '--cert', renews.certificateFile, '--key', renews.keyFile]),
      ...['--cacert-enc', ca.encryption, '--cacert-sig', ca.signature],
      ...ca.others.flatMap((file) => ['--cacert', file]),
      ...(options.digest === undefined ? [] : ['--digest', options.digest]),
      ...['--outform', 'pem'],
    ]);
    writeFileSync(certificateFile, result.stdout);
    return { result, keyFile, certificateFile };
  }

  async function expectIssued(
    { result, keyFile, certificateFile }: Awaited<ReturnType<typeof enrol>>,
    endEntity: Registered,
  ): Promise<void> {
    expect(result).toMatchObject({ code: 0 });
    const certificate = new X509Certificate(readFileSync(certificateFile));
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))).toBe(true);
    // The registered subject, not the requested one.
    expect(certificate.subject).toBe(`CN=${endEntity.username}`);
    await expect(gateway.statusOf(endEntity)).resolves.toBe('GENERATED');
    await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([fingerprint(certificate)]);
  }

  test('--scepca gets the CA certificate that REST shows', async () => {
    const { signature } = await fetchCa(DEFAULT_ALIAS, gateway.directory());
    const expected = new X509Certificate(await gateway.certificateOf(DEFAULT_AUTHORITY));
    expect(new X509Certificate(readFileSync(signature)).fingerprint256).toBe(expected.fingerprint256);
  });

  if (noGet !== undefined) test.skip(`enrols by GET (${noGet})`, () => undefined);

  test.each(methods.flatMap((method) => [2048, 4096].map((bits) => [method, bits] as const)))(
    'enrols by %s with an RSA-%i key through an alias with all defaults',
    async (method, bits) => {
      const endEntity = await gateway.register();
      const enrolled = await enrol({ alias: DEFAULT_ALIAS, method, bits, endEntity });
      await expectIssued(enrolled, endEntity);
      expect(gateway.takeMethods(method)).toEqual([method]);
      await expect(gateway.verify(enrolled.certificateFile, DEFAULT_AUTHORITY)).resolves.toMatch(/: OK\n$/);
    },
  );

  test('enrols with SHA-512', async () => {
    const endEntity = await gateway.register();
    const enrolled = await enrol({ alias: DEFAULT_ALIAS, method: 'POST', bits: 2048, endEntity, digest: 'sha512' });
    await expectIssued(enrolled, endEntity);
  });

  test.each([RENEWING_ALIAS, 'curve-renewing'])(
    'renews with a new key, and in turn, through alias %s',
    async (alias) => {
      const endEntity = await gateway.register(alias === RENEWING_ALIAS ? 'Root' : 'Curve');
      const renewing = { alias, method: 'POST', bits: 2048, endEntity } as const;
      const first = await enrol(renewing);
      await expectIssued(first, endEntity);
      let renews = first;
      for (let renewal = 0; renewal < 2; renewal++) {
        const renewed = await enrol({ ...renewing, renews });
        expect(renewed.result).toMatchObject({ code: 0 });
        const certificate = new X509Certificate(readFileSync(renewed.certificateFile));
        expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(renewed.keyFile)))).toBe(true);
        expect(certificate.subject).toBe(`CN=${endEntity.username}`);
        await expect(gateway.certificatesOf(endEntity)).resolves.toContain(fingerprint(certificate));
        renews = renewed;
      }
      await expect(gateway.certificatesOf(endEntity)).resolves.toHaveLength(3);
      await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject({
        messageType: 'RenewalReq',
        outcome: 'issued',
      });
    },
  );

  test('is refused a renewal with the old key', async () => {
    const endEntity = await gateway.register('Root');
    const renewing = { alias: RENEWING_ALIAS, method: 'POST', bits: 2048, endEntity } as const;
    const renews = await enrol(renewing);
    const { result } = await enrol({ ...renewing, renews, newKeyFile: renews.keyFile });
    expect(result.code).not.toBe(0);
    const seen = { outcome: 'refused', rule: 'renewal.allowOldKey' };
    await expect(gateway.lastRequestAt(RENEWING_ALIAS)).resolves.toMatchObject(seen);
    await expect(gateway.certificatesOf(endEntity)).resolves.toHaveLength(1);
  });

  test.each(methods)('is refused by %s with a wrong challenge, and nothing is issued', async (method) => {
    const endEntity = await gateway.register();
    const wrong = { alias: DEFAULT_ALIAS, method, bits: 2048, endEntity, challenge: 'not the code' };
    const { result } = await enrol(wrong);
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/badRequest|badMessageCheck|failure|FAILURE/i);
    await expect(gateway.statusOf(endEntity)).resolves.toBe('NEW');
    await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);
    await expect(gateway.lastRequestAt(DEFAULT_ALIAS)).resolves.toMatchObject(WRONG_CHALLENGE);
    // The right code works afterwards.
    await expectIssued(await enrol({ alias: DEFAULT_ALIAS, method, bits: 2048, endEntity }), endEntity);
  });

  test('enrols with a subordinate CA', async () => {
    const endEntity = await gateway.register('Subordinate');
    const enrolled = await enrol({ alias: 'subordinate', method: 'POST', bits: 2048, endEntity });
    await expectIssued(enrolled, endEntity);
    await expect(gateway.verify(enrolled.certificateFile, 'Root', ['Subordinate'])).resolves.toMatch(/: OK\n$/);
  });

  test.each(methods)('enrols by %s with an EC CA that has an RA certificate', async (method) => {
    const endEntity = await gateway.register('Curve');
    const enrolled = await enrol({ alias: 'curve', method, bits: 2048, endEntity });
    await expectIssued(enrolled, endEntity);
    await expect(gateway.verify(enrolled.certificateFile, 'Curve')).resolves.toMatch(/: OK\n$/);
  });
});
