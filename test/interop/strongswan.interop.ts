import { describeWith, OPENSSL, STRONGSWAN, whyStrongswanCannotGet } from './foreign-client';
import { fingerprint, readCertificate } from './credentials';
import { DEFAULT_ALIAS, DEFAULT_AUTHORITY, InteropGateway, type Method } from './interop-gateway';
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
import { StrongswanPki } from './strongswan.driver';

const noGet = whyStrongswanCannotGet();
const methods: readonly Method[] = noGet === undefined ? ['POST', 'GET'] : ['POST'];

describeWith([STRONGSWAN, OPENSSL], () => {
  let gateway: InteropGateway;
  let pki: StrongswanPki;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    pki = new StrongswanPki(gateway);
    await createScene(gateway);
  });
  afterAll(() => gateway.stop());

  test.each(PLACES)('--scepca gets all certificates of alias $alias: RA, CA and chain', async (place) => {
    const { encryption, signature, others } = await pki.fetchCa(place.alias);
    const files = [...new Set([encryption, signature, ...others])];
    const expected = await expectedBag(gateway, place);
    expect(files.map(readCertificate).map(fingerprint).sort()).toEqual([...expected].sort());
  });

  if (noGet !== undefined) test.skip(`enrols by GET (${noGet})`, () => undefined);

  test.each(methods.flatMap((method) => [2048, 4096].map((bits) => [method, bits] as const)))(
    'enrols by %s with an RSA-%i key through an alias with all defaults',
    async (method, bits) => {
      const endEntity = await gateway.register();
      const enrolled = await pki.enrol({ alias: DEFAULT_ALIAS, method, bits, endEntity });
      await expectIssued(gateway, enrolled, endEntity);
      expect(gateway.takeMethods(method)).toEqual([method]);
      await expect(gateway.verify(enrolled.certificateFile, DEFAULT_AUTHORITY)).resolves.toMatchObject({ code: 0 });
    },
  );

  test.each(PLACES.flatMap((place) => methods.map((method) => ({ ...place, method }))))(
    'enrols by $method through alias $alias',
    async ({ alias, method, authority, root, between }) => {
      const endEntity = await gateway.register(authority);
      const enrolled = await pki.enrol({ alias, method, endEntity });
      await expectIssued(gateway, enrolled, endEntity);
      await expect(gateway.verify(enrolled.certificateFile, root, between)).resolves.toMatchObject({ code: 0 });
    },
  );

  test('enrols with SHA-512', async () => {
    const endEntity = await gateway.register();
    await expectIssued(gateway, await pki.enrol({ alias: DEFAULT_ALIAS, endEntity, digest: 'sha512' }), endEntity);
  });

  test.each(PLACES)('renews with a new key, and in turn, through alias $alias', async ({ alias, authority }) => {
    const endEntity = await gateway.register(authority);
    let renews = await pki.enrol({ alias, endEntity });
    const certificates = [await expectIssued(gateway, renews, endEntity)];
    for (let renewal = 0; renewal < 2; renewal++) {
      renews = await pki.enrol({ alias, endEntity, renews });
      certificates.push(await expectRenewed(gateway, renews, endEntity, certificates));
    }
    const seen = { messageType: 'RenewalReq', outcome: 'issued' };
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject(seen);
  });

  test('is refused a renewal with the old key', async () => {
    const { alias, authority } = ROOT;
    const endEntity = await gateway.register(authority);
    const renews = await pki.enrol({ alias, endEntity });
    const { result } = await pki.enrol({ alias, endEntity, renews, keyFile: renews.keyFile });
    expect(result.code).not.toBe(0);
    const seen = { outcome: 'refused', rule: 'renewal.allowOldKey' };
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject(seen);
    await expect(gateway.certificatesOf(endEntity)).resolves.toHaveLength(1);
  });

  test('renews with the old key where the alias allows it', async () => {
    const { alias, authority } = OLD_KEY;
    const endEntity = await gateway.register(authority);
    const renews = await pki.enrol({ alias, endEntity });
    const first = await expectIssued(gateway, renews, endEntity);
    const renewed = await pki.enrol({ alias, endEntity, renews, keyFile: renews.keyFile });
    await expectRenewed(gateway, renewed, endEntity, [first]);
  });

  test.each(methods)('is refused by %s with a wrong challenge, and nothing is issued', async (method) => {
    const endEntity = await gateway.register();
    const refused = await pki.enrol({ alias: DEFAULT_ALIAS, method, endEntity, challenge: 'not the code' });
    expect(refused.result.output).toMatch(/badRequest|badMessageCheck|failure|FAILURE/i);
    await expectRefused(gateway, refused, endEntity);
    const seen = { outcome: 'refused', rule: 'challenge.wrong' };
    await expect(gateway.lastRequestAt(DEFAULT_ALIAS)).resolves.toMatchObject(seen);
    // The right code works afterwards.
    await expectIssued(gateway, await pki.enrol({ alias: DEFAULT_ALIAS, method, endEntity }), endEntity);
  });
});
