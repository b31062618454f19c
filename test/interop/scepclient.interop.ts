import { describeWith, OPENSSL, SCEPCLIENT } from './foreign-client';
import { DEFAULT_ALIAS, DEFAULT_AUTHORITY, InteropGateway } from './interop-gateway';
import { createScene, expectIssued, expectRefused, expectRenewed, OLD_KEY, PAIR, ROOT } from './interop-scene';
import { Scepclient, SCEPCLIENT_ALGORITHMS } from './scepclient.driver';

const METHODS = ['POST', 'GET'] as const;
const LEGACY_ALIAS = 'legacy';

describeWith([SCEPCLIENT, OPENSSL], () => {
  let gateway: InteropGateway;
  let scepclient: Scepclient;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    scepclient = new Scepclient(gateway);
    await gateway.create('aliases', { name: LEGACY_ALIAS, algorithms: SCEPCLIENT_ALGORITHMS });
    // It asks for more than a CN, and each time: what it asks for must be what was issued.
    await createScene(gateway, { algorithms: SCEPCLIENT_ALGORITHMS, subjectSource: 'request' });
  });
  afterAll(() => gateway.stop());

  test.each(METHODS.flatMap((method) => [2048, 4096].map((bits) => [method, bits] as const)))(
    'enrols by %s with an RSA-%i key through a legacy alias',
    async (method, bits) => {
      const endEntity = await gateway.register();
      const enrolled = await scepclient.enrol({ alias: LEGACY_ALIAS, method, bits, endEntity });
      await expectIssued(gateway, enrolled, endEntity);
      expect(gateway.takeMethods(method)).toEqual([method]);
      await expect(gateway.verify(enrolled.certificateFile, DEFAULT_AUTHORITY)).resolves.toMatchObject({ code: 0 });
    },
  );

  test('enrols through an alias whose CA has two RA certificates', async () => {
    const endEntity = await gateway.register(PAIR.authority);
    const enrolled = await scepclient.enrol({ alias: PAIR.alias, endEntity });
    expect(enrolled.result).toMatchObject({ code: 0 });
    await expect(gateway.verify(enrolled.certificateFile, PAIR.root)).resolves.toMatchObject({ code: 0 });
  });

  test.each(METHODS)('renews by %s with the key it has, again and again', async (method) => {
    const { alias, authority, root } = OLD_KEY;
    const endEntity = await gateway.register(authority);
    const { directory, certificateFile, ...first } = await scepclient.enrol({ alias, method, endEntity });
    const certificates = [await expectRenewed(gateway, { certificateFile, ...first }, endEntity, [])];
    for (let renewal = 0; renewal < 2; renewal++) {
      const renewed = await scepclient.enrol({ alias, method, endEntity, directory, challenge: 'not the code' });
      certificates.push(await expectRenewed(gateway, renewed, endEntity, certificates));
    }
    await expect(gateway.verify(certificateFile, root)).resolves.toMatchObject({ code: 0 });
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject({ messageType: 'RenewalReq' });
  });

  test('is refused a renewal with the old key by an alias that wants a new one', async () => {
    const { alias, authority } = ROOT;
    const endEntity = await gateway.register(authority);
    const { directory } = await scepclient.enrol({ alias, endEntity });
    const { result } = await scepclient.enrol({ alias, endEntity, directory });
    expect(result.code).not.toBe(0);
    const seen = { outcome: 'refused', rule: 'renewal.allowOldKey' };
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject(seen);
    await expect(gateway.certificatesOf(endEntity)).resolves.toHaveLength(1);
  });

  test.each(METHODS)('is refused by %s with a wrong challenge', async (method) => {
    const endEntity = await gateway.register();
    const refused = await scepclient.enrol({ alias: LEGACY_ALIAS, method, endEntity, challenge: 'not the code' });
    expect(refused.result.output).toMatch(/badRequest/);
    await expectRefused(gateway, refused, endEntity);
    const seen = { outcome: 'refused', rule: 'challenge.wrong' };
    await expect(gateway.lastRequestAt(LEGACY_ALIAS)).resolves.toMatchObject(seen);
  });

  test('is refused by an alias with all defaults, which takes neither SHA-1 nor DES', async () => {
    const endEntity = await gateway.register();
    const refused = await scepclient.enrol({ alias: DEFAULT_ALIAS, endEntity });
    expect(refused.result.output).toMatch(/badAlg/);
    await expectRefused(gateway, refused, endEntity);
    const seen = { outcome: 'refused', errorCode: 'algorithm-not-allowed' };
    await expect(gateway.lastRequestAt(DEFAULT_ALIAS)).resolves.toMatchObject(seen);
  });
});
