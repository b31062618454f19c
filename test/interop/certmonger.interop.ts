import { X509Certificate } from 'node:crypto';
import { Certmonger } from './certmonger.driver';
import { fingerprint } from './credentials';
import { CERTMONGER, describeWith, OPENSSL } from './foreign-client';
import { DEFAULT_ALIAS, DEFAULT_AUTHORITY, InteropGateway } from './interop-gateway';
import {
  createScene,
  CURVE,
  expectedBag,
  expectIssued,
  expectRefused,
  expectRenewed,
  OLD_KEY,
  PAIR,
  type Place,
  PLACES,
  ROOT,
} from './interop-scene';

const RA_PLACES: readonly Place[] = [CURVE, PAIR];

describeWith([CERTMONGER, OPENSSL], () => {
  let gateway: InteropGateway;
  let certmonger: Certmonger;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    await createScene(gateway, { deviceProfile: 'certmonger' });
    certmonger = new Certmonger(gateway);
    await certmonger.start();
    for (const place of [...PLACES, OLD_KEY, { ...ROOT, alias: DEFAULT_ALIAS, root: DEFAULT_AUTHORITY }]) {
      const rootFile = gateway.file('root.pem', await gateway.certificateOf(place.root));
      await certmonger.addCa(place.alias, RA_PLACES.includes(place) ? undefined : rootFile);
    }
  });
  afterAll(async () => {
    await certmonger.stop();
    await gateway.stop();
  });

  test('scep-submit gets the capabilities', async () => {
    const capabilities = await certmonger.getCaps(DEFAULT_ALIAS);
    expect(capabilities).toEqual(expect.arrayContaining(['AES', 'SHA-256', 'POSTPKIOperation', 'Renewal']));
  });

  test.each(PLACES)('scep-submit gets all certificates of alias $alias: RA, CA, then the others', async (place) => {
    const bag = (await certmonger.getCa(place.alias)).map((pem) => fingerprint(new X509Certificate(pem)));
    const expected = await expectedBag(gateway, place);
    const ras = await gateway.raCertificatesOf(place.authority);
    // It takes one RA certificate, that for encryption if there are two, and puts the other behind the CA's.
    expect(bag[Math.min(ras.length, 1)]).toBe(expected[ras.length]);
    expect([...bag].sort()).toEqual([...expected].sort());
  });

  test.each(PLACES)(
    'enrols by GET through alias $alias, and renews with a new key in turn',
    async ({ alias, authority, root, between }) => {
      const endEntity = await gateway.register(authority);
      gateway.takeMethods('POST');
      const enrolled = await certmonger.request(alias, endEntity);
      expect(gateway.takeMethods('POST')).toEqual(['GET']);
      const certificates = [await expectIssued(gateway, enrolled, endEntity)];
      for (let renewal = 0; renewal < 2; renewal++) {
        const renewed = await certmonger.rekey(enrolled);
        certificates.push(await expectRenewed(gateway, renewed, endEntity, certificates));
      }
      await expect(certmonger.statusOf(enrolled)).resolves.toEqual({ status: 'MONITORING', error: undefined });
      await expect(gateway.verify(enrolled.certificateFile, root, between)).resolves.toMatchObject({ code: 0 });
    },
  );

  test('is refused a renewal with the old key, and keeps what it has', async () => {
    const { alias, authority } = ROOT;
    const endEntity = await gateway.register(authority);
    const enrolled = await certmonger.request(alias, endEntity);
    await expectIssued(gateway, enrolled, endEntity);
    const again = await certmonger.resubmit(enrolled);
    const { error } = await certmonger.statusOf(enrolled);
    expect(error).toContain('not permitted');
    await expectIssued(gateway, { ...again, result: enrolled.result }, endEntity);
    const seen = { outcome: 'refused', rule: 'renewal.allowOldKey' };
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject(seen);
  });

  test('renews with the old key where the alias allows it', async () => {
    const { alias, authority } = OLD_KEY;
    const endEntity = await gateway.register(authority);
    const enrolled = await certmonger.request(alias, endEntity);
    const first = await expectIssued(gateway, enrolled, endEntity);
    await expectRenewed(gateway, await certmonger.resubmit(enrolled), endEntity, [first]);
  });

  test('understands a refusal, and nothing is issued', async () => {
    const { alias, authority } = ROOT;
    const endEntity = await gateway.register(authority);
    const refused = await certmonger.request(alias, endEntity, 'not the code');
    const { status, error } = await certmonger.statusOf(refused);
    expect(status).toBe('CA_REJECTED');
    expect(error).toContain('not permitted');
    await expectRefused(gateway, refused, endEntity);
    await expect(gateway.lastRequestAt(alias)).resolves.toMatchObject({ outcome: 'refused', rule: 'challenge.wrong' });
  });

  test('does not understand a refusal without content: that is what its device profile is for', async () => {
    const endEntity = await gateway.register();
    const refused = await certmonger.request(DEFAULT_ALIAS, endEntity, 'not the code');
    const { status, error } = await certmonger.statusOf(refused);
    expect(status).toBe('CA_UNREACHABLE');
    expect(error).toContain('no content');
    await expectRefused(gateway, refused, endEntity);
  });
});
