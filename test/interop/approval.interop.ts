import { Certmonger } from './certmonger.driver';
import { fingerprint, readCertificate } from './credentials';
import { CERTMONGER, describeWith, OPENSSL, SSCEP, STRONGSWAN } from './foreign-client';
import { DEFAULT_AUTHORITY, InteropGateway, type Registered } from './interop-gateway';
import { expectIssued, expectRenewed, RENEWAL } from './interop-scene';
import { Sscep, SSCEP_EXIT } from './sscep.driver';
import { StrongswanPki } from './strongswan.driver';

const ALIAS = 'officer';
/** An officer instead of a challenge. */
const OPEN_ALIAS = 'officer-only';

/** Pending, approved, fetched; and pending, rejected, told so. */
describe('where an officer decides', () => {
  let gateway: InteropGateway;
  let endEntity: Registered;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    const approval = { enrolment: true, renewal: true };
    const common = { authorities: [DEFAULT_AUTHORITY], renewal: RENEWAL, deviceProfile: 'certmonger' };
    await gateway.create('aliases', { name: ALIAS, approval, ...common });
    await gateway.create('aliases', { name: OPEN_ALIAS, challenge: { kind: 'approval' }, ...common });
  });
  afterAll(() => gateway.stop());
  beforeEach(async () => {
    endEntity = await gateway.register();
  });

  describeWith([SSCEP, OPENSSL], () => {
    const sscep = (): Sscep => new Sscep(gateway);
    const where = { alias: ALIAS };

    test.each(['POST', 'GET'] as const)(
      'it is PENDING, and fetches the certificate by %s when asked',
      async (method) => {
        const pending = await sscep().enrol({ alias: ALIAS, method, endEntity });
        expect(pending.result.code).toBe(SSCEP_EXIT.pending);
        await expect(gateway.statusOf(endEntity)).resolves.toBe('INPROCESS');
        const still = await sscep().resume({ alias: ALIAS, method }, pending);
        expect(still.code).toBe(SSCEP_EXIT.pending);
        await expect(gateway.lastRequestAt(ALIAS)).resolves.toMatchObject({ messageType: 'CertPoll' });
        await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);

        await gateway.decide(endEntity, 'approve');
        const result = await sscep().resume({ alias: ALIAS, method }, pending);
        const certificate = await expectIssued(gateway, { ...pending, result }, endEntity);
        // Again, as if the answer had been lost.
        await expect(sscep().resume({ alias: ALIAS, method }, pending)).resolves.toMatchObject({ code: 0 });
        expect(fingerprint(readCertificate(pending.certificateFile))).toBe(fingerprint(certificate));
        await expect(gateway.verify(pending.certificateFile, DEFAULT_AUTHORITY)).resolves.toMatchObject({ code: 0 });
      },
    );

    test('a renewal is PENDING and fetched with the certificate that signed it', async () => {
      const first = await sscep().enrol({ ...where, endEntity });
      await gateway.decide(endEntity, 'approve');
      const before = await expectIssued(gateway, { ...first, result: await sscep().resume(where, first) }, endEntity);
      const pending = await sscep().enrol({ ...where, endEntity, renews: first });
      expect(pending.result.code).toBe(SSCEP_EXIT.pending);
      await gateway.decide(endEntity, 'approve');
      const result = await sscep().resume(where, pending, first);
      await expectRenewed(gateway, { ...pending, result }, endEntity, [before]);
    });

    test('it is told that its request was rejected', async () => {
      const pending = await sscep().enrol({ ...where, endEntity });
      await gateway.decide(endEntity, 'reject');
      const { code } = await sscep().resume(where, pending);
      expect(code).toBe(SSCEP_EXIT.badRequest);
      await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);
    });

    test('an officer takes the place of the challenge', async () => {
      const pending = await sscep().enrol({ alias: OPEN_ALIAS, endEntity, challenge: 'chosen by the device' });
      expect(pending.result.code).toBe(SSCEP_EXIT.pending);
      await gateway.decide(endEntity, 'approve');
      const result = await sscep().resume({ alias: OPEN_ALIAS }, pending);
      await expectIssued(gateway, { ...pending, result }, endEntity);
    });
  });

  describeWith([STRONGSWAN, OPENSSL], () => {
    const enrolment = (): Parameters<StrongswanPki['enrol']>[0] => ({
      alias: ALIAS,
      endEntity,
      options: ['--interval', '1'],
    });

    test('it polls until it is approved', async () => {
      const polling = new StrongswanPki(gateway).enrol(enrolment());
      await gateway.decide(endEntity, 'approve');
      const enrolled = await polling;
      await expectIssued(gateway, enrolled, endEntity);
      await expect(gateway.lastRequestAt(ALIAS)).resolves.toMatchObject({ messageType: 'CertPoll' });
      await expect(gateway.verify(enrolled.certificateFile, DEFAULT_AUTHORITY)).resolves.toMatchObject({ code: 0 });
    });

    test('it polls until a renewal is approved', async () => {
      const pki = new StrongswanPki(gateway);
      const enrolling = pki.enrol(enrolment());
      await gateway.decide(endEntity, 'approve');
      const renews = await enrolling;
      const before = await expectIssued(gateway, renews, endEntity);
      const renewing = pki.enrol({ ...enrolment(), renews });
      await gateway.decide(endEntity, 'approve');
      await expectRenewed(gateway, await renewing, endEntity, [before]);
    });

    test('it polls until it is rejected', async () => {
      const polling = new StrongswanPki(gateway).enrol(enrolment());
      await gateway.decide(endEntity, 'reject');
      expect((await polling).result.code).not.toBe(0);
      await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);
    });
  });

  describeWith([CERTMONGER, OPENSSL], () => {
    let certmonger: Certmonger;

    beforeAll(async () => {
      certmonger = new Certmonger(gateway);
      await certmonger.start();
      await certmonger.addCa(ALIAS, gateway.file('root.pem', await gateway.certificateOf(DEFAULT_AUTHORITY)));
    });
    afterAll(() => certmonger.stop());

    test('it keeps a PENDING request, and gets the certificate when it sends that again', async () => {
      const pending = await certmonger.request(ALIAS, endEntity);
      await expect(certmonger.statusOf(pending)).resolves.toEqual({ status: 'CA_WORKING', error: undefined });
      await gateway.decide(endEntity, 'approve');
      await expectIssued(gateway, await certmonger.resubmit(pending), endEntity);
      await expect(certmonger.statusOf(pending)).resolves.toMatchObject({ status: 'MONITORING' });
    });

    test('it is told that its request was rejected', async () => {
      const pending = await certmonger.request(ALIAS, endEntity);
      await gateway.decide(endEntity, 'reject');
      await certmonger.resubmit(pending);
      // What it sends again is a new request, which waits anew.
      await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);
    });
  });
});
