import { readFileSync } from 'node:fs';
import { runSuccessfully } from './command';
import { fingerprint, readCertificate } from './credentials';
import { describeWith, OPENSSL, SSCEP } from './foreign-client';
import { DEFAULT_ALIAS, DEFAULT_AUTHORITY, InteropGateway } from './interop-gateway';
import {
  createScene,
  expectedBag,
  expectIssued,
  expectRefused,
  expectRenewed,
  OLD_KEY,
  PLACES,
  ROOT,
} from './interop-scene';
import { serialNumberOf, Sscep, SSCEP_EXIT } from './sscep.driver';

const METHODS = ['POST', 'GET'] as const;
const EVERYWHERE = PLACES.flatMap((place) => METHODS.map((method) => ({ ...place, method })));

describeWith([SSCEP, OPENSSL], () => {
  let gateway: InteropGateway;
  let sscep: Sscep;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    sscep = new Sscep(gateway);
    await createScene(gateway);
    const accept = { digests: ['md5', 'sha1', 'sha256'], ciphers: ['des', '3des', 'aes128'] };
    await gateway.create('aliases', { name: 'legacy', algorithms: { accept } });
  });
  afterAll(() => gateway.stop());

  test('getcaps knows every capability but none that is not served', async () => {
    const capabilities = await sscep.getCaps({ alias: DEFAULT_ALIAS });
    expect(capabilities).toMatch(/capabilities:.*\bAES\b.*\bPOSTPKIOperation\b.*\bRenewal\b.*\bSHA-256\b/);
    expect(capabilities).not.toMatch(/DES3|SHA-1\b/);
  });

  test.each(PLACES)('getca gets all certificates of alias $alias in order: RA, CA, chain', async (place) => {
    const files = sscep.filesOf(await sscep.getCa(place));
    expect(files.map(readCertificate).map(fingerprint)).toEqual(await expectedBag(gateway, place));
  });

  test.each(METHODS.flatMap((method) => [2048, 4096].map((bits) => [method, bits] as const)))(
    'enrols by %s with an RSA-%i key through an alias with all defaults',
    async (method, bits) => {
      const endEntity = await gateway.register();
      const enrolled = await sscep.enrol({ alias: DEFAULT_ALIAS, method, bits, endEntity });
      await expectIssued(gateway, enrolled, endEntity);
      expect(gateway.takeMethods(method)).toEqual([method]);
      await expect(gateway.verify(enrolled.certificateFile, DEFAULT_AUTHORITY)).resolves.toMatchObject({ code: 0 });
    },
  );

  test.each([
    ['aes256', 'sha512'],
    ['aes192', 'sha384'],
  ])('enrols with %s and %s', async (cipher, digest) => {
    const endEntity = await gateway.register();
    const enrolment = { alias: DEFAULT_ALIAS, endEntity, options: ['-E', cipher, '-S', digest] };
    await expectIssued(gateway, await sscep.enrol(enrolment), endEntity);
  });

  test.each([
    ['3des', 'sha1'],
    ['3des', 'md5'],
  ])('enrols with %s and %s at an alias that takes them, and nowhere else', async (cipher, digest) => {
    const endEntity = await gateway.register();
    const options = ['-E', cipher, '-S', digest];
    const refused = await sscep.enrol({ alias: DEFAULT_ALIAS, endEntity, options });
    expect(refused.result.code).toBe(SSCEP_EXIT.badAlg);
    await expectRefused(gateway, refused, endEntity);
    await expectIssued(gateway, await sscep.enrol({ alias: 'legacy', endEntity, options }), endEntity);
  });

  test.each(EVERYWHERE)(
    'enrols by $method through alias $alias, and renews with a new key in turn',
    async ({ alias, method, authority, root, between }) => {
      const endEntity = await gateway.register(authority);
      let renews = await sscep.enrol({ alias, method, endEntity });
      const certificates = [await expectIssued(gateway, renews, endEntity)];
      for (let renewal = 0; renewal < 2; renewal++) {
        renews = await sscep.enrol({ alias, method, endEntity, renews });
        certificates.push(await expectRenewed(gateway, renews, endEntity, certificates));
      }
      // sscep renews as the drafts had it: a PKCSReq that the old certificate signs.
      const seen = { messageType: 'PKCSReq', outcome: 'issued' };
      await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject(seen);
      await expect(gateway.verify(renews.certificateFile, root, between)).resolves.toMatchObject({ code: 0 });
    },
  );

  test('is refused a renewal with the old key', async () => {
    const { alias, authority } = ROOT;
    const endEntity = await gateway.register(authority);
    const renews = await sscep.enrol({ alias, endEntity });
    const { result } = await sscep.enrol({ alias, endEntity, renews, keyFile: renews.keyFile });
    expect(result.code).toBe(SSCEP_EXIT.badRequest);
    const seen = { outcome: 'refused', rule: 'renewal.allowOldKey' };
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject(seen);
    await expect(gateway.certificatesOf(endEntity)).resolves.toHaveLength(1);
  });

  test('renews with the old key where the alias allows it', async () => {
    const { alias, authority } = OLD_KEY;
    const endEntity = await gateway.register(authority);
    const renews = await sscep.enrol({ alias, endEntity });
    const first = await expectIssued(gateway, renews, endEntity);
    const renewed = await sscep.enrol({ alias, endEntity, renews, keyFile: renews.keyFile });
    await expectRenewed(gateway, renewed, endEntity, [first]);
  });

  test('gets the same certificate when it asks again', async () => {
    const endEntity = await gateway.register();
    const enrolled = await sscep.enrol({ alias: DEFAULT_ALIAS, endEntity });
    const certificate = await expectIssued(gateway, enrolled, endEntity);
    const again = await sscep.enrol({ alias: DEFAULT_ALIAS, endEntity, keyFile: enrolled.keyFile });
    const same = await expectIssued(gateway, again, endEntity);
    expect(fingerprint(same)).toBe(fingerprint(certificate));
  });

  test.each(METHODS)('is refused by %s with a wrong challenge, and nothing is issued', async (method) => {
    const endEntity = await gateway.register();
    const refused = await sscep.enrol({ alias: DEFAULT_ALIAS, method, endEntity, challenge: 'not the code' });
    expect(refused.result.code).toBe(SSCEP_EXIT.badRequest);
    await expectRefused(gateway, refused, endEntity);
    const seen = { outcome: 'refused', rule: 'challenge.wrong' };
    await expect(gateway.lastRequestAt(DEFAULT_ALIAS)).resolves.toMatchObject(seen);
    await expectIssued(gateway, await sscep.enrol({ alias: DEFAULT_ALIAS, method, endEntity }), endEntity);
  });

  test.each(EVERYWHERE)('getcert by $method finds a certificate of alias $alias', async (place) => {
    const endEntity = await gateway.register(place.authority);
    const asker = await sscep.enrol({ ...place, endEntity });
    const certificate = await expectIssued(gateway, asker, endEntity);
    const issuer = sscep.filesOf(asker.ca).find((file) => readCertificate(file).subject === certificate.issuer);
    gateway.takeMethods(place.method);
    const found = await sscep.getCert(place, asker, issuer ?? '', certificate.serialNumber);
    expect(found.result).toMatchObject({ code: SSCEP_EXIT.success });
    expect(gateway.takeMethods(place.method)).toEqual([place.method]);
    expect(readFileSync(found.certificateFile)).toEqual(readFileSync(asker.certificateFile));
    await expect(gateway.lastRequestAt(place.alias)).resolves.toMatchObject({ messageType: 'GetCert' });
  });

  test('getcert is told badCertId for a serial number that was never given', async () => {
    const endEntity = await gateway.register(ROOT.authority);
    const asker = await sscep.enrol({ ...ROOT, endEntity });
    const { result } = await sscep.getCert(ROOT, asker, asker.ca, '0123456789abcdef');
    expect(result.code).toBe(SSCEP_EXIT.badCertId);
  });

  test.each(EVERYWHERE)(
    'getcrl by $method gets the CRL of alias $alias, by which OpenSSL tells what is revoked',
    async (place) => {
      const [stays, goes] = [await gateway.register(place.authority), await gateway.register(place.authority)];
      const asker = await sscep.enrol({ ...place, endEntity: stays });
      const revoked = await sscep.enrol({ ...place, endEntity: goes });
      await gateway.revoke(place.authority, serialNumberOf(revoked.certificateFile), 'keyCompromise');
      // Once by the certificate of the asker, and once by that of the CA, as the drafts had it.
      for (const about of [asker.certificateFile, undefined]) {
        const { result, crlFile } = await sscep.getCrl(place, asker, about);
        expect(result).toMatchObject({ code: SSCEP_EXIT.success });
        const judge = (file: string): Promise<{ code: number | undefined; output: string }> =>
          gateway.verify(file, place.root, place.between, crlFile);
        await expect(judge(asker.certificateFile)).resolves.toMatchObject({ code: 0 });
        const verdict = await judge(revoked.certificateFile);
        expect(verdict.output).toContain('certificate revoked');
        const { stdout } = await runSuccessfully('openssl', ['crl', '-in', crlFile, '-noout', '-text']);
        expect(stdout).toMatch(/Serial Number: ([0-9A-F]+)[^]*CRL Reason Code:\s+Key Compromise/i);
      }
      await expect(gateway.lastRequestAt(place.alias)).resolves.toMatchObject({ messageType: 'GetCRL' });
    },
  );
});
