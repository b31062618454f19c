import { X509Certificate } from 'node:crypto';
import { fingerprint, readCertificate } from './credentials';
import { describeWith, OPENSSL, SSCEP, STRONGSWAN } from './foreign-client';
import { InteropGateway } from './interop-gateway';
import { createScene, CURVE, expectIssued, expectRenewed, PAIR, type Place, ROOT, SUBORDINATE } from './interop-scene';
import { Sscep, SSCEP_EXIT } from './sscep.driver';
import { StrongswanPki } from './strongswan.driver';

const DAY = 86_400_000;
const ALL_PLACES = [ROOT, CURVE, PAIR, SUBORDINATE];

/** The next CA: asked for, enrolled with in advance, and in office. */
describe('when a CA rolls over', () => {
  let gateway: InteropGateway;
  /** When the next generation of a CA takes its turn, by the name of the CA. */
  const startsAt = new Map<string, Date>();

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    await createScene(gateway);
  });
  afterAll(() => gateway.stop());

  /** Plans it once for each CA, for a day that is not near. */
  async function plan({ authority }: Place): Promise<Date> {
    const planned = startsAt.get(authority);
    if (planned !== undefined) return planned;
    const activateAt = new Date(Math.floor(Date.now() / DAY) * DAY + 30 * DAY);
    await gateway.create(`authorities/${authority}/rollover`, { key: 'new', activateAt: activateAt.toISOString() });
    startsAt.set(authority, activateAt);
    return activateAt;
  }

  async function nextBag(place: Place): Promise<string[]> {
    const { certificate, raCertificates } = await gateway.generationOf(place.authority, 'next');
    const above = place.authority === place.root ? [] : [await gateway.certificateOf(place.root)];
    return [...raCertificates, certificate, ...above].map((pem) => fingerprint(new X509Certificate(pem)));
  }

  describeWith([SSCEP, OPENSSL], () => {
    const sscep = (): Sscep => new Sscep(gateway);

    test('getnextca is told that there is none, and getcaps does not offer it', async () => {
      await gateway.create('authorities', { name: 'Steady', subject: 'CN=Steady' });
      await gateway.create('aliases', { name: 'steady', authorities: ['Steady'] });
      const where = { alias: 'steady' };
      await expect(sscep().getCaps(where)).resolves.not.toContain('GetNextCACert');
      const { result } = await sscep().getNextCa(where, await sscep().getCa(where));
      expect(result.code).toBe(SSCEP_EXIT.network);
    });

    test.each(ALL_PLACES)('getnextca gets the next CA of alias $alias, signed by the present one', async (place) => {
      await plan(place);
      await expect(sscep().getCaps(place)).resolves.toContain('GetNextCACert');
      const present = await sscep().getCa(place);
      const root = gateway.file('root.pem', await gateway.certificateOf(place.root));
      const { result, ca, signerFile } = await sscep().getNextCa(place, root);
      expect(result).toMatchObject({ code: SSCEP_EXIT.success });
      expect(result.output).not.toContain('verification failed');
      const files = sscep().filesOf(ca);
      expect(files.map(readCertificate).map(fingerprint).sort()).toEqual((await nextBag(place)).sort());
      const presentBag = sscep().filesOf(present).map(readCertificate).map(fingerprint);
      expect(presentBag).toContain(fingerprint(readCertificate(signerFile)));
    });

    test.each(ALL_PLACES)(
      'a device of alias $alias renews with the next CA in advance, for the day it takes over',
      async (place) => {
        const start = await plan(place);
        const endEntity = await gateway.register(place.authority);
        const renews = await sscep().enrol({ ...place, endEntity });
        const before = await expectIssued(gateway, renews, endEntity);
        const root = gateway.file('root.pem', await gateway.certificateOf(place.root));
        const { ca } = await sscep().getNextCa(place, root);
        const renewed = await sscep().enrol({ ...place, endEntity, renews, ca });
        const certificate = await expectRenewed(gateway, renewed, endEntity, [before]);
        expect(new Date(certificate.validFrom)).toEqual(start);
        const next = new X509Certificate((await gateway.generationOf(place.authority, 'next')).certificate);
        expect(certificate.verify(next.publicKey)).toBe(true);
      },
    );
  });

  describeWith([STRONGSWAN, OPENSSL], () => {
    test('a device that was given the next CA certificate enrols with it in advance', async () => {
      const start = await plan(ROOT);
      const endEntity = await gateway.register(ROOT.authority);
      const { certificate } = await gateway.generationOf(ROOT.authority, 'next');
      const next = gateway.file('next.pem', certificate);
      const ca = { encryption: next, signature: next, others: [] };
      const enrolled = await new StrongswanPki(gateway).enrol({ ...ROOT, endEntity, ca });
      const issued = await expectIssued(gateway, enrolled, endEntity);
      expect(new Date(issued.validFrom)).toEqual(start);
      expect(issued.verify(new X509Certificate(certificate).publicKey)).toBe(true);
    });

    test('it takes an answer of the next RA where that is valid already', async () => {
      const place = { ...ROOT, alias: 'early', authority: 'Early', root: 'Early' };
      await gateway.create('authorities', { name: place.authority, subject: 'CN=Early', keyAlgorithm: 'EC-P256' });
      await gateway.create('aliases', { name: place.alias, authorities: [place.authority] });
      const activateAt = new Date(Math.floor(Date.now() / DAY) * DAY + 30 * DAY);
      const rollover = { key: 'new', activateAt: activateAt.toISOString(), validFrom: 'now' };
      await gateway.create(`authorities/${place.authority}/rollover`, rollover);
      const { certificate, raCertificates } = await gateway.generationOf(place.authority, 'next');
      const ra = gateway.file('ra.pem', raCertificates[0] ?? '');
      const ca = { encryption: ra, signature: ra, others: [gateway.file('next.pem', certificate)] };
      const endEntity = await gateway.register(place.authority);
      const enrolled = await new StrongswanPki(gateway).enrol({ ...place, endEntity, ca });
      const issued = await expectIssued(gateway, enrolled, endEntity);
      expect(new Date(issued.validFrom)).toEqual(activateAt);
    });

    test('devices know the new CA after the rollover, and those that know the old one still enrol', async () => {
      const place = { ...ROOT, alias: 'moved', authority: 'Moved', root: 'Moved' };
      await gateway.create('authorities', { name: place.authority, subject: 'CN=Moved' });
      await gateway.create('aliases', { name: place.alias, authorities: [place.authority] });
      const pki = new StrongswanPki(gateway);
      const old = await pki.fetchCa(place.alias);
      await gateway.create(`authorities/${place.authority}/rollover`, { key: 'new' });
      await gateway.create(`authorities/${place.authority}/rollover/activate`, {});
      const present = await pki.fetchCa(place.alias);
      expect(fingerprint(readCertificate(present.signature))).not.toBe(fingerprint(readCertificate(old.signature)));
      for (const ca of [present, old]) {
        const endEntity = await gateway.register(place.authority);
        const enrolled = await pki.enrol({ ...place, endEntity, ca });
        await expectIssued(gateway, enrolled, endEntity);
        await expect(gateway.verify(enrolled.certificateFile, place.root)).resolves.toMatchObject({ code: 0 });
      }
    });
  });
});
