import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandResult, runCommand } from './command';
import { describeWith, OPENSSL, SCEPCLIENT } from './foreign-client';
import { fingerprint, InteropGateway, type Method, type Registered } from './interop-gateway';

const DEFAULT_ALIAS = 'scep';
const DEFAULT_AUTHORITY = 'ManagementCA';
/** scepclient 2.1 signs with SHA-1 and encrypts with single DES, whatever GetCACaps offers. */
const LEGACY_ALIAS = 'legacy';
const LEGACY_ALGORITHMS = { accept: { digests: ['sha1', 'sha256'], ciphers: ['des', 'aes128'] } };
/** It renews with the key that it has, always. */
const RENEWING_ALIAS = 'renewing';
const NEW_KEY_ALIAS = 'new-key';

describeWith([SCEPCLIENT, OPENSSL], () => {
  let gateway: InteropGateway;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    await gateway.create('aliases', {
      name: LEGACY_ALIAS,
      algorithms: LEGACY_ALGORITHMS,
    });
    await gateway.create('aliases', {
      name: RENEWING_ALIAS,
      // It asks for more than a CN, and each time: what it asks for must be what was issued.
      subjectSource: 'request',
      algorithms: LEGACY_ALGORITHMS,
      renewal: { window: '100%', allowOldKey: true },
    });
    await gateway.create('aliases', {
      name: NEW_KEY_ALIAS,
      algorithms: LEGACY_ALGORITHMS,
      renewal: { window: '100%' },
    });
  });
  afterAll(() => gateway.stop());

  async function enrol(options: {
    readonly alias: string;
    readonly method: Method;
    readonly bits: number;
    readonly endEntity: Registered;
    readonly challenge?: string;
    /** Where an earlier run has left key and certificate: then it renews. */
    readonly directory?: string;
  }): Promise<{ result: CommandResult; directory: string; keyFile: string; certificateFile: string }> {
    const directory = options.directory ?? gateway.directory();
    const keyFile = join(directory, 'client.key');
    const certificateFile = join(directory, 'client.pem');
    const { username, enrolmentCode } = options.endEntity;
    const result = await runCommand(
      'scepclient',
      [
        ...['-server-url', gateway.scepUrl(options.alias, options.method)],
        ...['-private-key', keyFile, '-certificate', certificateFile, '-keySize', String(options.bits)],
        ...['-cn', username, '-challenge', options.challenge ?? enrolmentCode, '-debug'],
      ],
      directory,
    );
    return { result, directory, keyFile, certificateFile };
  }

  test.each([
    ['POST', 2048],
    ['POST', 4096],
    ['GET', 2048],
    ['GET', 4096],
  ] as const)('enrols by %s with an RSA-%i key through a legacy alias', async (method, bits) => {
    const endEntity = await gateway.register();
    const { result, keyFile, certificateFile } = await enrol({ alias: LEGACY_ALIAS, method, bits, endEntity });
    expect(result).toMatchObject({ code: 0 });
    expect(gateway.takeMethods(method)).toEqual([method]);
    const certificate = new X509Certificate(readFileSync(certificateFile));
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))).toBe(true);
    expect(certificate.subject).toBe(`CN=${endEntity.username}`);
    await expect(gateway.verify(certificateFile, DEFAULT_AUTHORITY)).resolves.toMatch(/: OK\n$/);
    await expect(gateway.statusOf(endEntity)).resolves.toBe('GENERATED');
    await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([fingerprint(certificate)]);
  });

  test.each(['POST', 'GET'] as const)('renews by %s with the key it has, again and again', async (method) => {
    const endEntity = await gateway.register();
    const renewing = { alias: RENEWING_ALIAS, method, bits: 2048, endEntity };
    const { directory, certificateFile } = await enrol(renewing);
    const certificates = [new X509Certificate(readFileSync(certificateFile))];
    for (let renewal = 0; renewal < 2; renewal++) {
      const { result } = await enrol({ ...renewing, directory, challenge: 'not the code' });
      expect(result).toMatchObject({ code: 0 });
      certificates.push(new X509Certificate(readFileSync(certificateFile)));
    }
    const issued = await gateway.certificatesOf(endEntity);
    expect([...issued].sort()).toEqual(certificates.map(fingerprint).sort());
    await expect(gateway.verify(certificateFile, DEFAULT_AUTHORITY)).resolves.toMatch(/: OK\n$/);
    await expect(gateway.lastRequestAt(RENEWING_ALIAS)).resolves.toMatchObject({ messageType: 'RenewalReq' });
  });

  test('is refused a renewal with the old key by an alias that wants a new one', async () => {
    const endEntity = await gateway.register();
    const renewing = { alias: NEW_KEY_ALIAS, method: 'POST', bits: 2048, endEntity } as const;
    const { directory } = await enrol(renewing);
    const { result } = await enrol({ ...renewing, directory });
    expect(result.code).not.toBe(0);
    const seen = { outcome: 'refused', rule: 'renewal.allowOldKey' };
    await expect(gateway.lastRequestAt(NEW_KEY_ALIAS)).resolves.toMatchObject(seen);
    await expect(gateway.certificatesOf(endEntity)).resolves.toHaveLength(1);
  });

  async function expectRefused(
    { result, certificateFile }: Awaited<ReturnType<typeof enrol>>,
    endEntity: Registered,
    failInfo: RegExp,
  ): Promise<void> {
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(failInfo);
    expect(existsSync(certificateFile)).toBe(false);
    await expect(gateway.statusOf(endEntity)).resolves.toBe('NEW');
    await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);
  }

  test.each(['POST', 'GET'] as const)('is refused by %s with a wrong challenge', async (method) => {
    const endEntity = await gateway.register();
    const refused = await enrol({ alias: LEGACY_ALIAS, method, bits: 2048, endEntity, challenge: 'not the code' });
    await expectRefused(refused, endEntity, /badRequest/);
    const seen = { outcome: 'refused', rule: 'challenge.wrong' };
    await expect(gateway.lastRequestAt(LEGACY_ALIAS)).resolves.toMatchObject(seen);
  });

  test('is refused by an alias with all defaults, which takes neither SHA-1 nor DES', async () => {
    const endEntity = await gateway.register();
    const refused = await enrol({ alias: DEFAULT_ALIAS, method: 'POST', bits: 2048, endEntity });
    await expectRefused(refused, endEntity, /badAlg/);
    const seen = { outcome: 'refused', errorCode: 'algorithm-not-allowed' };
    await expect(gateway.lastRequestAt(DEFAULT_ALIAS)).resolves.toMatchObject(seen);
  });
});
