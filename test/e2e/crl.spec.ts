import { Certificate } from '../../src/pki/x509/certificate';
import { CrlJob } from '../../src/jobs/crl.job';
import { readCrl, type ReadCrl } from '../support/crl';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { itWithOpenssl, openssl } from '../support/openssl';
import { itemsOf, RestClient } from '../support/rest-client';
import { startGateway } from '../support/start-gateway';

const CODE = 'a-code';
const HOUR_MS = 3_600_000;
let scene: EnrolmentScene;
let rest: RestClient;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
});

afterAll(() => scene.close());

/** Enrols and gives the serial number. */
async function enrolled(username: string, more: object = {}): Promise<{ serial: string; certificate: Certificate }> {
  await scene.register(username, CODE, more);
  const reply = await scene.enrol(`CN=${username}`, CODE, { transactionID: username });
  if (reply.pkiStatus !== 'SUCCESS') throw new Error(reply.pkiStatus);
  const { certificate } = reply;
  return { serial: certificate.serialHex, certificate };
}

const revoke = (serial: string, reason: string) => rest.post(`certificates/Devices/${serial}/revoke`, { reason });
const fetchCrl = (path = 'Devices.crl', init: RequestInit = {}) =>
  fetch(`${scene.gateway.publicUrl}/crl/${path}`, init);
const octets = async (path?: string): Promise<Buffer> => Buffer.from(await (await fetchCrl(path)).arrayBuffer());
const crl = async (path?: string): Promise<ReadCrl> => readCrl(await octets(path));
const runJob = (): Promise<void> => scene.gateway.application.get(CrlJob, { strict: false }).run();
const authority = async (): Promise<string> =>
  ((await rest.get('authorities/Devices')).body['certificate'] as { pem: string }).pem;

describe('CRLs', () => {
  it('are there with the first run of the job, and not before', async () => {
    expect((await fetchCrl()).status).toBe(404);
    await runJob();
    expect(await crl()).toEqual({
      number: 1n,
      thisUpdate: scene.clock.now(),
      nextUpdate: new Date(scene.clock.now().getTime() + 24 * HOUR_MS),
      entries: {},
    });
    await runJob();
    expect((await crl()).number).toBe(1n);
  });

  it('follow each revocation at once, with its reason', async () => {
    const [one, two] = [await enrolled('one'), await enrolled('two')];
    await revoke(one.serial, 'affiliationChanged');
    expect((await crl()).entries).toEqual({ [one.serial]: 3 });
    await revoke(two.serial, 'unspecified');
    expect(await crl()).toMatchObject({ number: 3n, entries: { [one.serial]: 3, [two.serial]: null } });
  });

  it('show a hold until it is released, and with another reason once it is final', async () => {
    const { serial } = await enrolled('held');
    const { serial: other } = await enrolled('held-for-good');
    await revoke(serial, 'certificateHold');
    await revoke(other, 'certificateHold');
    expect((await crl()).entries).toMatchObject({ [serial]: 6, [other]: 6 });
    await revoke(serial, 'removeFromCRL');
    expect((await crl()).entries).not.toHaveProperty(serial);
    await revoke(other, 'superseded');
    expect((await crl()).entries).toMatchObject({ [other]: 4 });
  });

  it('are issued on demand, which is audited', async () => {
    const { number } = await crl();
    scene.clock.advance({ seconds: 1 });
    const answer = await rest.post('authorities/Devices/crl');
    expect(answer.body).toEqual({
      crls: [expect.objectContaining({ generation: 1, number: String(number + 1n), entries: 3 })],
    });
    expect((await crl()).number).toBe(number + 1n);
    const [event] = itemsOf(await rest.get('audit-events?action=authority.issue-crl'));
    expect(event).toMatchObject({
      actor: 'administrator',
      target: 'authorities/Devices',
      details: { generation: 1, number: String(number + 1n), entries: 3 },
    });
    expect((await rest.post('authorities/Nobody/crl')).status).toBe(404);
  });

  it('have each number once, however many ask at the same time', async () => {
    const { number } = await crl();
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => rest.post('authorities/Devices/crl')));
    const numbers = answers.map(({ body }) => BigInt((body['crls'] as { number: string }[])[0]!.number));
    const newest = (await crl()).number;
    expect(numbers.every((each) => each > number && each <= newest)).toBe(true);
    expect(numbers).toContain(newest);
  });

  itWithOpenssl('verify, and revoke, for openssl', async () => {
    const [good, bad] = [await enrolled('good'), await enrolled('bad')];
    await revoke(bad.serial, 'cessationOfOperation');
    const files = { ca: await authority(), crl: await octets() };
    const text = openssl(files, [
      ...['crl', '-inform', 'DER', '-in', 'crl', '-CAfile', 'ca', '-verify', '-noout', '-text', '-out', 'out'],
    ]).toString();
    expect(text).toContain('Version 2 (0x1)');
    expect(text).toContain(bad.serial.toUpperCase());
    expect(text).toContain('Cessation Of Operation');
    const check = (certificate: Certificate): Buffer => {
      const at = String(Math.floor(scene.clock.now().getTime() / 1000));
      const pem = openssl(files, ['crl', '-inform', 'DER', '-in', 'crl', '-out', 'out']).toString();
      return openssl({ ...files, 'crl.pem': pem, leaf: toPem(certificate), out: '' }, [
        ...['verify', '-attime', at, '-crl_check', '-CRLfile', 'crl.pem', '-CAfile', 'ca', 'leaf'],
      ]);
    };
    expect(() => check(good.certificate)).not.toThrow();
    expect(() => check(bad.certificate)).toThrow(/certificate revoked/);
  });
});

const toPem = (certificate: Certificate): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;

describe('fetching a CRL', () => {
  it('is told how long it lasts', async () => {
    scene.clock.advance({ seconds: 1 });
    await rest.post('authorities/Devices/crl');
    const response = await fetchCrl();
    const { number, thisUpdate } = await crl();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/pkix-crl',
      'last-modified': thisUpdate.toUTCString(),
      etag: `"1-${number}"`,
      'cache-control': expect.stringMatching(/^public, max-age=863\d\d$/) as string,
    });
    expect(response.headers.get('content-length')).toBe(String((await octets()).length));
  });

  it('finds it by generation too, and nothing by another', async () => {
    expect(await octets('Devices/1.crl')).toEqual(await octets());
    for (const path of ['Devices/2.crl', 'Nobody.crl', 'Devices', 'Devices.crl/1', '%00.crl'])
      expect((await fetchCrl(path)).status).toBe(404);
  });

  it('by HEAD has no body, by POST is refused', async () => {
    const head = await fetchCrl('Devices.crl', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String((await octets()).length)]);
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    const post = await fetchCrl('Devices.crl', { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is not needed again while it is the newest', async () => {
    const { headers } = await fetchCrl();
    const conditional = async (header: string, value: string): Promise<number> =>
      (await fetchCrl('Devices.crl', { headers: { [header]: value } })).status;
    const etag = headers.get('etag')!;
    expect(await conditional('if-none-match', etag)).toBe(304);
    expect(await conditional('if-none-match', `"x", W/${etag}`)).toBe(304);
    expect(await conditional('if-none-match', '"x"')).toBe(200);
    const modified = headers.get('last-modified')!;
    expect(await conditional('if-modified-since', modified)).toBe(304);
    expect(await conditional('if-modified-since', new Date(Date.parse(modified) - 1000).toUTCString())).toBe(200);
    expect(await conditional('if-modified-since', 'yesterday')).toBe(200);
    scene.clock.advance({ seconds: 1 });
    await rest.post('authorities/Devices/crl');
    expect(await conditional('if-none-match', etag)).toBe(200);
    expect(await conditional('if-modified-since', modified)).toBe(200);
  });

  it('is needed where its date does not tell it from the one before: of the same second, or of an earlier one', async () => {
    const since = (date: Date) => fetchCrl('Devices.crl', { headers: { 'if-modified-since': date.toUTCString() } });
    const { thisUpdate } = await crl();
    await rest.post('authorities/Devices/crl');
    const second = await since(thisUpdate);
    expect([second.status, second.headers.get('last-modified')]).toEqual([200, null]);
    scene.clock.advance({ hours: 1 });
    await rest.post('authorities/Devices/crl');
    const ahead = (await crl()).thisUpdate;
    scene.clock.set(new Date(ahead.getTime() - HOUR_MS / 2));
    await rest.post('authorities/Devices/crl');
    expect((await since(ahead)).status).toBe(200);
    scene.clock.advance({ seconds: 1 });
    await rest.post('authorities/Devices/crl');
    expect((await since(ahead)).status).toBe(200);
    expect((await since(scene.clock.now())).status).toBe(304);
    scene.clock.set(new Date(ahead.getTime() + HOUR_MS));
    await rest.post('authorities/Devices/crl');
  });

  it('is not possible on the administrators’ listener', async () => {
    expect((await fetch(`${scene.gateway.adminUrl}/crl/Devices.crl`)).status).toBe(404);
  });

  it('goes on under the former name of the authority', async () => {
    await rest.post('authorities/Devices/rename', { name: 'Renamed' });
    const renamed = await octets('Renamed/1.crl');
    expect(readCrl(renamed).number).toBeGreaterThan(0n);
    expect(await octets('Devices/1.crl')).toEqual(renamed);
    await rest.post('authorities/Renamed/rename', { name: 'Devices' });
    expect(await octets('Renamed.crl')).toEqual(renamed);
    // Certificates look there for the CRL of their authority.
    const other = { name: 'Renamed', subject: 'CN=Other' };
    expect((await rest.post('authorities', other)).status).toBe(409);
    expect((await rest.post('authorities', { ...other, name: 'Other' })).status).toBe(201);
    expect((await rest.post('authorities/Other/rename', { name: 'Renamed' })).status).toBe(409);
    expect((await rest.post('authorities/Other/rename', { name: 'Another' })).status).toBe(200);
    expect((await rest.post('authorities', { ...other, name: 'Other' })).status).toBe(201);
  });

  it('is the same on another gateway at once, and after a restart', async () => {
    const other = await startGateway({ clock: scene.clock, database: scene.gateway.database });
    try {
      const { serial } = await enrolled('elsewhere');
      await new RestClient(other).post(`certificates/Devices/${serial}/revoke`, { reason: 'superseded' });
      const there = await fetch(`${other.publicUrl}/crl/Devices.crl`);
      expect(readCrl(Buffer.from(await there.arrayBuffer())).entries).toHaveProperty(serial);
    } finally {
      await other.close();
    }
  });
});

describe('CRLs in the course of time', () => {
  it('follow each other before they end', async () => {
    const before = await crl();
    scene.clock.set(new Date(before.nextUpdate!.getTime() - 10 * 60_000 - 1000));
    await runJob();
    expect((await crl()).number).toBe(before.number);
    scene.clock.advance({ seconds: 1 });
    await runJob();
    expect(await crl()).toMatchObject({ number: before.number + 1n, thisUpdate: scene.clock.now() });
  });

  it('end for caches when their time is over', async () => {
    const { nextUpdate } = await crl();
    scene.clock.set(nextUpdate!);
    expect((await fetchCrl()).headers.get('cache-control')).toBe('no-cache');
    await runJob();
    expect((await fetchCrl()).headers.get('cache-control')).toMatch(/^public/);
  });

  it('last as long as the authority is told', async () => {
    const refused = await rest.patch('authorities/Devices', {
      settings: { crlValidityHours: 0, crlOverlapMinutes: 1 },
    });
    expect(refused.status).toBe(400);
    await rest.patch('authorities/Devices', { settings: { crlValidityHours: 48, crlOverlapMinutes: 60 } });
    await rest.post('authorities/Devices/crl');
    const { number, thisUpdate, nextUpdate } = await crl();
    expect(nextUpdate!.getTime() - thisUpdate.getTime()).toBe(48 * HOUR_MS);
    scene.clock.advance({ hours: 47 });
    await runJob();
    expect((await crl()).number).toBe(number + 1n);
    await rest.patch('authorities/Devices', { settings: { crlValidityHours: null, crlOverlapMinutes: null } });
  });

  it('wait for the next one that is due where the authority says so', async () => {
    await rest.patch('authorities/Devices', { settings: { crlOnRevocation: false } });
    const { number } = await crl();
    const { serial } = await enrolled('patient');
    await revoke(serial, 'superseded');
    await runJob();
    expect((await crl()).number).toBe(number);
    await rest.patch('authorities/Devices', { settings: { crlOnRevocation: true } });
    await runJob();
    expect(await crl()).toMatchObject({ number: number + 1n, entries: { [serial]: 4 } });
  });

  it('drop a certificate after one regular CRL behind its end (RFC 5280 section 3.3)', async () => {
    await rest.post('certificate-profiles', { name: 'SHORT', validity: '2d' });
    const { serial, certificate } = await enrolled('short', { certificateProfile: 'SHORT' });
    await revoke(serial, 'superseded');
    scene.clock.set(certificate.notAfter);
    await runJob();
    expect((await crl()).entries).toHaveProperty(serial);
    scene.clock.advance({ hours: 12 });
    await rest.post('authorities/Devices/crl');
    const behind = await crl();
    expect(behind.entries).toHaveProperty(serial);
    scene.clock.advance({ hours: 24 });
    await runJob();
    expect((await crl()).number).toBe(behind.number + 1n);
    expect((await crl()).entries).not.toHaveProperty(serial);
  });

  it('are replaced when a clock was ahead; numbers go on', async () => {
    const right = scene.clock.now();
    scene.clock.advance({ days: 100 });
    await runJob();
    const wrong = await crl();
    scene.clock.set(right);
    await runJob();
    expect(await crl()).toMatchObject({ number: wrong.number + 1n, thisUpdate: wholeSeconds(right) });
  });

  it('are no longer issued when the CA certificate has expired', async () => {
    const before = await crl();
    scene.clock.advance({ days: 3651 });
    await runJob();
    expect((await crl()).number).toBe(before.number);
    expect((await rest.post('authorities/Devices/crl')).status).toBe(503);
  });
});

const wholeSeconds = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);
