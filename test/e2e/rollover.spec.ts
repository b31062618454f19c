import { X509Certificate } from 'node:crypto';
import { PrivateKey } from '../../src/pki/cms/private-key';
import type { Certificate } from '../../src/pki/x509/certificate';
import { ApprovalDesk } from '../support/approvals';
import { readCrl } from '../support/crl';
import { DEVICE_KEY, type EnrolmentScene, enrolmentScene } from '../support/enrolment-scene';
import { type Enrolled, issued, NEW_KEY, sql, verdictOn } from '../support/renewal';
import { RestClient } from '../support/rest-client';
import { RolloverActs } from '../support/rollover';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const OTHER_KEY = PrivateKey.generateRsa(2048);
let scene: EnrolmentScene;
let rest: RestClient;
let count = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
});
afterAll(() => scene.close());

/** An authority with an alias of its own, whose certificates can be renewed at any time. */
async function stage(request: object = {}, settings: object = {}): Promise<RolloverActs & { name: string }> {
  count += 1;
  const name = `CA${count}`;
  await scene.createAuthority({ name, subject: `CN=${name},O=Example`, ...request });
  await scene.createAlias(name, { authorities: [name], renewal: { window: '100%' }, ...settings });
  return Object.assign(new RolloverActs(scene, name, name), { name });
}

async function device(acts: RolloverActs & { name: string }, more: object = {}): Promise<Enrolled> {
  count += 1;
  const username = `device-${count}`;
  await scene.register(username, 'secret', { authority: acts.name, ...more });
  const { certificate } = issued(await acts.enrol(await acts.ca(), username));
  return { username, certificate, key: DEVICE_KEY };
}

async function newcomer(acts: { name: string }): Promise<string> {
  count += 1;
  await scene.register(`device-${count}`, 'secret', { authority: acts.name });
  return `device-${count}`;
}

const isIssuedBy = (certificate: Certificate, issuer: Certificate): boolean =>
  new X509Certificate(certificate.der).verify(new X509Certificate(issuer.der).publicKey) &&
  certificate.issuer.equals(issuer.subject);
const inDays = (days: number): Date => new Date(Math.floor((scene.clock.now().getTime() + days * DAY) / 1000) * 1000);
const crlOf = async (name: string, generation: number): Promise<Readonly<Record<string, number | null>>> => {
  const response = await fetch(`${scene.gateway.publicUrl}/crl/${name}/${generation}.crl`);
  return readCrl(Buffer.from(await response.arrayBuffer())).entries;
};

describe('D-04: a rollover from begin to end', () => {
  it.each([
    ['of a root that speaks SCEP itself', {}, { key: 'new' }],
    ['of a root with RA certificates', { settings: { raCertificate: 'pair' } }, { key: 'new' }],
    ['of a root that keeps its key', {}, { key: 'same' }],
    ['of a subordinate', { issuer: { authority: 'Devices' } }, { key: 'new' }],
  ])('%s', async (_, request, rollover) => {
    const sameKey = rollover.key === 'same';
    const acts = await stage(request);
    const [first, second] = [await device(acts), await device(acts)];
    const oldCa = await acts.ca();
    expect(await acts.announced()).toEqual([403, false]);
    const lost = await acts.message(oldCa, `CN=${await newcomer(acts)}`);
    const beforeSwitch = issued(await acts.send(lost)).certificate;

    const activateAt = inDays(10);
    const planned = await acts.plan({ ...rollover, activateAt: activateAt.toISOString(), overlapHours: 24 });
    expect(planned).toMatchObject({ number: 2, state: 'next', activateAt: activateAt.toISOString() });
    expect(await acts.announced()).toEqual([200, true]);
    const nextCa = await acts.nextCa();
    expect(nextCa.issuer.notBefore).toEqual(activateAt);
    expect(nextCa.issuer.serialHex).toBe((planned['certificate'] as { serialNumber: string }).serialNumber);
    expect(nextCa.certificates).toHaveLength(oldCa.certificates.length);

    // Who proves it by the present certificate, and who was registered meanwhile, gets a certificate of the next CA.
    const shadowRequest = await acts.renewal(nextCa, first);
    const shadow = issued(await acts.send(shadowRequest)).certificate;
    expect(shadow.notBefore).toEqual(activateAt);
    expect(isIssuedBy(shadow, nextCa.issuer)).toBe(true);
    expect(issued(await acts.send(shadowRequest)).certificate.der).toEqual(shadow.der);
    const late = await newcomer(acts);
    const { certificate: lateShadow, certificates } = issued(await acts.enrol(nextCa, late));
    expect(lateShadow.notBefore).toEqual(activateAt);
    expect(certificates.map(({ serialHex }) => serialHex)).toContain(nextCa.issuer.serialHex);
    // The present CA goes on.
    expect(isIssuedBy((await device(acts)).certificate, oldCa.issuer)).toBe(true);
    expect((await acts.ca()).issuer.der).toEqual(oldCa.issuer.der);
    const early = { username: first.username, certificate: shadow, key: NEW_KEY };
    expect(await acts.renew(oldCa, early, { key: DEVICE_KEY })).toMatchObject({ failInfo: 'badRequest' });
    expect(await verdictOn(scene)).toBe('renewal.not-yet-valid');

    scene.clock.set(activateAt);
    await acts.runJob();
    expect(await acts.announced()).toEqual([403, false]);
    const newCa = await acts.ca();
    expect(newCa.issuer.der).toEqual(nextCa.issuer.der);
    expect(isIssuedBy((await device(acts)).certificate, newCa.issuer)).toBe(true);
    // Without a shadow certificate the old one renews, with one that does.
    expect(isIssuedBy(issued(await acts.renew(newCa, second)).certificate, newCa.issuer)).toBe(true);
    expect(issued(await acts.renew(newCa, first)).certificate.der).toEqual(shadow.der);
    await acts.renew(newCa, first, { key: OTHER_KEY });
    expect(await verdictOn(scene)).toBe('renewal.latest-certificate');
    expect(issued(await acts.renew(newCa, early, { key: DEVICE_KEY })).pkiStatus).toBe('SUCCESS');

    // The answers of before are given once more, and messages to the old CA are answered by it with the new one's certificates.
    expect(issued(await acts.send(lost)).certificate.der).toEqual(beforeSwitch.der);
    expect(issued(await acts.send(shadowRequest)).certificate.der).toEqual(shadow.der);
    const tooLate = await acts.message(oldCa, `CN=${await newcomer(acts)}`);
    const answer = issued(await acts.enrol(oldCa, await newcomer(acts)));
    expect(isIssuedBy(answer.certificate, newCa.issuer)).toBe(true);
    expect(answer.certificates.map(({ serialHex }) => serialHex)).toContain(newCa.issuer.serialHex);

    for (const serialNumber of [beforeSwitch.serialHex, lateShadow.serialHex])
      await rest.post(`certificates/${acts.name}/${serialNumber}/revoke`, { reason: 'superseded' });
    expect(await crlOf(acts.name, 1)).toHaveProperty(beforeSwitch.serialHex);
    expect(await crlOf(acts.name, 2)).toHaveProperty(lateShadow.serialHex);

    scene.clock.set(new Date(activateAt.getTime() + 24 * HOUR));
    if (sameKey) {
      // The key is still in use, and what is encrypted to it is read as if it were to the new certificate.
      const { body } = await scene.post(tooLate.bytes, acts.name);
      expect(body.length).toBeGreaterThan(0);
      expect(await verdictOn(scene)).toBe('issued');
    } else {
      await expect(acts.send(tooLate)).rejects.toThrow(/sign/);
      expect(await verdictOn(scene)).toBe('message.envelope');
    }
  });
});

describe('a certificate of the next CA', () => {
  it('is given once: whoever asks for another one, or several at once, gets no second', async () => {
    const acts = await stage();
    const subject = await device(acts, { allowedRequests: 5 });
    await acts.plan({ key: 'same' });
    const nextCa = await acts.nextCa();
    const keys = [NEW_KEY, OTHER_KEY, PrivateKey.generateRsa(2048)];
    const messages = await Promise.all(keys.map((key) => acts.renewal(nextCa, subject, { key })));
    const replies = await Promise.all(messages.map((message) => acts.send(message)));
    expect(replies.filter(({ pkiStatus }) => pkiStatus === 'SUCCESS')).toHaveLength(1);
    await acts.renew(nextCa, subject, { key: PrivateKey.generateRsa(2048) });
    expect(await verdictOn(scene)).toBe('rollover.certificate-given');
    await acts.enrol(nextCa, subject.username);
    expect(await verdictOn(scene)).toBe('rollover.certificate-given');
    const [row] = await sql<{ n: number }>(
      scene,
      'select count(*)::int as n from certificates where username = $1 and generation_id = (select max(id) from authority_generations)',
      [subject.username],
    );
    expect(row).toEqual({ n: 1 });
  });

  it('is another one than that of the present CA for the same key, transactionID and content', async () => {
    const acts = await stage();
    await acts.plan({ key: 'same' });
    const username = await newcomer(acts);
    await sql(scene, 'update end_entities set allowed_requests = 2, remaining_requests = 2 where username = $1', [
      username,
    ]);
    const [oldCa, nextCa] = [await acts.ca(), await acts.nextCa()];
    const changes = { transactionID: 'T-1' };
    const present = issued(await acts.enrol(oldCa, username, changes)).certificate;
    const shadow = issued(await acts.enrol(nextCa, username, changes)).certificate;
    expect(shadow.serialHex).not.toBe(present.serialHex);
    expect(issued(await acts.enrol(oldCa, username, changes)).certificate.der).toEqual(present.der);
    expect(issued(await acts.enrol(nextCa, username, changes)).certificate.der).toEqual(shadow.der);
  });

  it('needs the present certificate or an open challenge, as any other', async () => {
    const acts = await stage();
    const subject = await device(acts);
    await acts.plan({ key: 'same' });
    const nextCa = await acts.nextCa();
    await acts.enrol(nextCa, subject.username);
    expect(await verdictOn(scene)).toBe('end-entity.status');
    await acts.enrol(nextCa, await newcomer(acts), { challengePassword: 'wrong' });
    expect(await verdictOn(scene)).toBe('challenge.wrong');
    await rest.post(`certificates/${acts.name}/${subject.certificate.serialHex}/revoke`, { reason: 'certificateHold' });
    await acts.renew(nextCa, subject);
    expect(await verdictOn(scene)).toBe('renewal.revoked');
  });

  it('needs no renewal window, and leaves the present one what it was until the switch', async () => {
    const acts = await stage({}, { renewal: { window: '50%' } });
    const subject = await device(acts);
    await acts.plan({ key: 'same', activateAt: inDays(500).toISOString() });
    const [oldCa, nextCa] = [await acts.ca(), await acts.nextCa()];
    const shadow = issued(await acts.renew(nextCa, subject)).certificate;
    await acts.renew(oldCa, subject);
    expect(await verdictOn(scene)).toBe('renewal.window');
    const inWindow = new Date((subject.certificate.notBefore.getTime() + subject.certificate.notAfter.getTime()) / 2);
    scene.clock.set(inWindow);
    const renewed = issued(await acts.renew(oldCa, subject)).certificate;
    expect(isIssuedBy(renewed, oldCa.issuer)).toBe(true);
    // After the switch the shadow certificate is the latest, not the one that was issued after it.
    scene.clock.set(
      new Date(shadow.notBefore.getTime() + (shadow.notAfter.getTime() - shadow.notBefore.getTime()) / 2),
    );
    await acts.runJob();
    await acts.renew(await acts.ca(), { ...subject, certificate: renewed, key: NEW_KEY }, { key: DEVICE_KEY });
    expect(await verdictOn(scene)).not.toBe('issued');
    const shadowed = { ...subject, certificate: shadow, key: NEW_KEY };
    expect(issued(await acts.renew(await acts.ca(), shadowed, { key: DEVICE_KEY })).pkiStatus).toBe('SUCCESS');
  });

  it.each([
    ['it was revoked', 'revoke'],
    ['the end entity was set to NEW', 'NEW'],
  ])('is given anew when %s', async (_, how) => {
    const acts = await stage();
    const subject = await device(acts);
    await acts.plan({ key: 'same' });
    const nextCa = await acts.nextCa();
    const shadow = issued(await acts.renew(nextCa, subject)).certificate;
    if (how === 'NEW') await rest.post(`end-entities/${subject.username}/status`, { status: 'NEW' });
    else await rest.post(`certificates/${acts.name}/${shadow.serialHex}/revoke`, { reason: 'affiliationChanged' });
    const again = issued(await acts.renew(nextCa, subject)).certificate;
    expect(again.serialHex).not.toBe(shadow.serialHex);
  });

  it.each(['before the switch', 'after it'])(
    'waits for an officer where the alias wants one: approved %s',
    async (when) => {
      const acts = await stage({}, { approval: { renewal: true } });
      const desk = new ApprovalDesk(scene);
      const subject = await device(acts);
      const activateAt = inDays(2);
      await acts.plan({ key: 'same', activateAt: activateAt.toISOString() });
      const [oldCa, nextCa] = [await acts.ca(), await acts.nextCa()];
      const message = await acts.renewal(nextCa, subject);
      expect(await acts.send(message)).toEqual({ pkiStatus: 'PENDING' });
      // The same for the present CA is another request.
      expect(await acts.renew(oldCa, subject)).toEqual({ pkiStatus: 'PENDING' });
      const [other, first] = await desk.of(subject.username);
      if (when === 'after it') {
        scene.clock.set(activateAt);
        await acts.runJob();
      }
      expect((await scene.post(message.bytes, acts.name)).status).toBe(200);
      expect((await desk.rest.post(`approvals/${first!['id']}/approve`)).status).toBe(200);
      const { certificate } = issued(await acts.send(message));
      expect(isIssuedBy(certificate, nextCa.issuer)).toBe(true);
      expect(certificate.notBefore >= activateAt || when === 'after it').toBe(true);
      // Before the switch it stands beside the present certificate, which can be renewed as well.
      const { status } = await desk.rest.post(`approvals/${other!['id']}/approve`);
      expect(status).toBe(when === 'after it' ? 409 : 200);
    },
  );

  it('is granted after the switch, too, where it was asked for before: then no renewal window counted', async () => {
    const acts = await stage({}, { approval: { renewal: true }, renewal: { window: '50%' } });
    const desk = new ApprovalDesk(scene);
    const subject = await device(acts);
    await acts.plan({ key: 'same' });
    const nextCa = await acts.nextCa();
    const message = await acts.renewal(nextCa, subject);
    expect(await acts.send(message)).toEqual({ pkiStatus: 'PENDING' });
    await rest.post(`authorities/${acts.name}/rollover/activate`);
    expect(await desk.approve(subject.username)).toMatchObject({ status: 200 });
    expect(isIssuedBy(issued(await acts.send(message)).certificate, nextCa.issuer)).toBe(true);
  });

  it('is not granted early by the present CA where the rollover was withdrawn', async () => {
    const acts = await stage({}, { approval: { renewal: true }, renewal: { window: '50%' } });
    const desk = new ApprovalDesk(scene);
    const subject = await device(acts);
    await acts.plan({ key: 'same' });
    expect(await acts.renew(await acts.nextCa(), subject)).toEqual({ pkiStatus: 'PENDING' });
    await rest.delete(`authorities/${acts.name}/rollover`);
    expect(await desk.approve(subject.username)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('too early') as string },
    });
  });

  it('of a rollover that is withdrawn is forgotten, and the present one goes on', async () => {
    const acts = await stage();
    const subject = await device(acts);
    await acts.plan({ key: 'same' });
    const nextCa = await acts.nextCa();
    issued(await acts.renew(nextCa, subject));
    const withdrawn = await rest.delete(`authorities/${acts.name}/rollover`);
    expect(withdrawn.body['generations']).toMatchObject([{ state: 'withdrawn' }, { state: 'current' }]);
    expect(await acts.announced()).toEqual([403, false]);
    await acts.plan({ key: 'same' });
    issued(await acts.renew(await acts.nextCa(), subject));
    expect((await rest.post(`authorities/${acts.name}/rollover/activate`)).status).toBe(200);
    expect((await rest.post(`authorities/${acts.name}/rollover/activate`)).status).toBe(409);
  });

  it('is not to be had through an alias that keeps silent (D-05)', async () => {
    const acts = await stage({}, { rollover: { enabled: false } });
    const other = await stage();
    await scene.createAlias(`${acts.name}-open`, { authorities: [acts.name] });
    await acts.plan({ key: 'new' });
    expect(await acts.announced()).toEqual([403, false]);
    const open = new RolloverActs(scene, acts.name, `${acts.name}-open`);
    const message = await acts.message(await open.nextCa(), `CN=${await newcomer(acts)}`);
    await expect(acts.send(message)).rejects.toThrow(/sign/);
    expect(await verdictOn(scene)).toBe('message.envelope');
    expect(await other.announced()).toEqual([403, false]);
  });
});

describe('a certificate never outlives its issuer', () => {
  it('so one that would is cut, and its owner gets through by rollover, although it is too early to renew', async () => {
    const acts = await stage({ validityDays: 100 }, { renewal: { window: '10%' } });
    const subject = await device(acts);
    const oldCa = await acts.ca();
    expect(subject.certificate.notAfter).toEqual(oldCa.issuer.notAfter);
    await acts.plan({ key: 'new', activateAt: oldCa.issuer.notAfter.toISOString(), validityDays: 200 });
    const nextCa = await acts.nextCa();
    await acts.renew(oldCa, subject);
    expect(await verdictOn(scene)).toBe('renewal.window');
    const shadow = issued(await acts.renew(nextCa, subject)).certificate;
    expect(shadow.notBefore).toEqual(oldCa.issuer.notAfter);
    expect(shadow.notAfter).toEqual(nextCa.issuer.notAfter);
    scene.clock.set(oldCa.issuer.notAfter);
    await acts.runJob();
    expect((await acts.ca()).issuer.der).toEqual(nextCa.issuer.der);
  });
});
