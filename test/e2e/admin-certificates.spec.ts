import { X509Certificate } from 'node:crypto';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { itemsOf, RestClient, wrongFields, type JsonObject } from '../support/rest-client';

const CODE = 'Enr0lment-c0de-to-be-found';

describe('issued certificates', () => {
  let scene: EnrolmentScene;
  let rest: RestClient;

  beforeAll(async () => {
    scene = await enrolmentScene();
    rest = new RestClient(scene.gateway);
    for (const username of ['a', 'b', 'c', 'd', 'e']) {
      await scene.register(username, CODE, { allowedRequests: 3 });
      expect((await scene.enrol(`CN=${username}`, CODE)).pkiStatus).toBe('SUCCESS');
    }
  });

  afterAll(async () => {
    await scene.close();
  });

  const certificatesOf = async (username: string): Promise<JsonObject[]> =>
    itemsOf(await rest.get(`certificates?username=${username}`));
  const pathOf = async (username: string): Promise<string> =>
    `certificates/Devices/${(await certificatesOf(username))[0]?.['serialNumber'] as string}`;
  const statusOf = async (username: string): Promise<string> =>
    (await rest.get(`end-entities/${username}`)).body['status'] as string;

  it('are shown with their PEM', async () => {
    const { body } = await rest.get(await pathOf('a'));
    const certificate = new X509Certificate(body['pem'] as string);
    expect(certificate.subject).toBe('CN=a');
    expect(body).toMatchObject({
      authority: 'Devices',
      generation: 1,
      status: 'valid',
      username: 'a',
      alias: 'scep',
      certificateProfile: 'ENDUSER',
      subject: 'CN=a',
      revokedAt: null,
      revocationReason: null,
      serialNumber: certificate.serialNumber.toLowerCase(),
      fingerprint: certificate.fingerprint256.replace(/:/g, '').toLowerCase(),
      notAfter: new Date(certificate.validTo).toISOString(),
    });
  });

  it('are found however the serial number is written', async () => {
    const [certificate] = await certificatesOf('a');
    const serial = certificate?.['serialNumber'] as string;
    for (const spelling of [serial.toUpperCase(), `00${serial}`, serial.replace(/..(?=.)/g, '$&:')]) {
      expect((await rest.get(`certificates/Devices/${spelling}`)).body['serialNumber']).toBe(serial);
      const found = itemsOf(await rest.get(`certificates?serialNumber=${spelling}`));
      expect(found.map(({ username }) => username as string)).toEqual(['a']);
    }
  });

  it('are not found where they are not', async () => {
    for (const path of ['Devices/01', 'Nobody/01', 'Devices/xyz', 'Devices/%00'])
      expect((await rest.get(`certificates/${path}`)).status).toBe(404);
    expect(wrongFields(await rest.get('certificates?serialNumber=xyz'))).toEqual(['serialNumber']);
  });

  it('are listed newest first, page by page, and filtered', async () => {
    const { items, pages } = await rest.all('certificates', 2);
    expect(items.map(({ username }) => username as string)).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(pages).toBe(3);
    expect(items[0]).not.toHaveProperty('pem');
    const count = async (query: string): Promise<number> => itemsOf(await rest.get(`certificates?${query}`)).length;
    expect(await count('authority=Devices&alias=scep')).toBe(5);
    expect(await count('authority=Nobody')).toBe(0);
    expect(await count('alias=other')).toBe(0);
    expect(await count('username=a&alias=scep')).toBe(1);
  });

  it('are revoked once, with a reason', async () => {
    const path = await pathOf('a');
    expect(wrongFields(await rest.post(`${path}/revoke`, { reason: 'because' }))).toEqual(['reason']);
    expect(wrongFields(await rest.post(`${path}/revoke`, {}))).toEqual(['reason']);
    const revoked = await rest.post(`${path}/revoke`, { reason: 'affiliationChanged' });
    expect(revoked.body).toMatchObject({
      status: 'revoked',
      revocationReason: 'affiliationChanged',
      revokedAt: scene.clock.now().toISOString(),
    });
    expect((await rest.get(path)).body).toEqual(revoked.body);
    expect((await rest.post(`${path}/revoke`, { reason: 'superseded' })).status).toBe(409);
    expect((await rest.post(`${path}/revoke`, { reason: 'removeFromCRL' })).status).toBe(409);
    const [event] = itemsOf(await rest.get('audit-events?action=certificate.revoke'));
    expect(event).toMatchObject({ target: path, details: { reason: 'affiliationChanged', username: 'a' } });
    expect(event?.['details']).not.toHaveProperty('endEntityStatus');
  });

  it('take their end entity to REVOKED when they were its last valid one', async () => {
    // Still in status NEW, for two requests are left: someone has decided that it may enrol.
    const first = await pathOf('b');
    await rest.post(`${first}/revoke`, { reason: 'unspecified' });
    expect(await statusOf('b')).toBe('NEW');
    await scene.enrol('CN=b', CODE);
    await scene.enrol('CN=b', CODE, { transactionID: 'another' });
    expect(await statusOf('b')).toBe('GENERATED');
    const valid = (await certificatesOf('b')).filter(({ status }) => status === 'valid');
    expect(valid).toHaveLength(2);
    const paths = valid.map(({ serialNumber }) => `certificates/Devices/${serialNumber as string}/revoke`);
    await rest.post(paths[0]!, { reason: 'superseded' });
    expect(await statusOf('b')).toBe('GENERATED');
    await rest.post(paths[1]!, { reason: 'superseded' });
    expect(await statusOf('b')).toBe('REVOKED');
    const events = itemsOf(await rest.get('audit-events?action=certificate.revoke'));
    expect(events.filter(({ details }) => 'endEntityStatus' in (details as object))).toHaveLength(1);
  });

  it('can be put on hold, taken off again, or revoked for good since then', async () => {
    await rest.patch('end-entities/c', { allowedRequests: 1 });
    await rest.post('end-entities/c/status', { status: 'GENERATED' });
    const path = `${await pathOf('c')}/revoke`;
    expect((await rest.post(path, { reason: 'certificateHold' })).body['status']).toBe('onHold');
    expect(await statusOf('c')).toBe('GENERATED');
    expect((await rest.post(path, { reason: 'certificateHold' })).status).toBe(409);
    expect((await rest.post(path, { reason: 'removeFromCRL' })).body).toMatchObject({
      status: 'valid',
      revokedAt: null,
    });
    const held = (await rest.post(path, { reason: 'certificateHold' })).body['revokedAt'] as string;
    scene.clock.advance({ hours: 1 });
    const revoked = await rest.post(path, { reason: 'cessationOfOperation' });
    expect(revoked.body).toMatchObject({
      status: 'revoked',
      revocationReason: 'cessationOfOperation',
      revokedAt: held,
    });
    expect(await statusOf('c')).toBe('REVOKED');
  });

  it('are not the last one while another is on hold, which keeps their end entity from being removed too', async () => {
    await scene.register('held', CODE, { allowedRequests: 2 });
    await scene.enrol('CN=held', CODE);
    await scene.enrol('CN=held', CODE, { transactionID: 'another' });
    const [one, other] = (await certificatesOf('held')).map(
      ({ serialNumber }) => `certificates/Devices/${serialNumber as string}/revoke`,
    );
    await rest.post(one!, { reason: 'certificateHold' });
    await rest.post(other!, { reason: 'superseded' });
    expect(await statusOf('held')).toBe('GENERATED');
    expect((await rest.delete('end-entities/held')).status).toBe(409);
    await rest.post(one!, { reason: 'superseded' });
    expect(await statusOf('held')).toBe('REVOKED');
  });

  it('are revoked once, even by two at the same time', async () => {
    const path = `${await pathOf('d')}/revoke`;
    const answers = await Promise.all([1, 2, 3].map(() => rest.post(path, { reason: 'unspecified' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('keep their end entity from being removed while they are valid, and outlive it', async () => {
    const refused = await rest.delete('end-entities/e');
    expect([refused.status, refused.body['type']]).toEqual([409, 'urn:scep-gateway:problem:in-use']);
    await rest.post(`${await pathOf('e')}/revoke`, { reason: 'cessationOfOperation' });
    expect((await rest.delete('end-entities/e')).status).toBe(204);
    expect((await certificatesOf('e')).map(({ status }) => status as string)).toEqual(['revoked']);
  });

  it('expire', async () => {
    await scene.register('f', CODE);
    await scene.enrol('CN=f', CODE);
    scene.clock.advance({ days: 365 * 2 + 2 });
    expect((await certificatesOf('f')).map(({ status }) => status as string)).toEqual(['expired']);
    expect((await rest.delete('end-entities/f')).status).toBe(204);
  });
});
