import { CommandLine } from '../support/command-line';
import { createAuthority, createDefaultProfiles, RestClient, type JsonObject } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

describe('doctor', () => {
  let gateway: TestGateway;
  let rest: RestClient;
  let command: CommandLine;

  beforeAll(async () => {
    // Nothing listens there, so that --online has something to tell; and doctor always has one warning.
    gateway = await startGateway({ environment: { PUBLIC_URL: 'http://127.0.0.1:2' } });
    rest = new RestClient(gateway);
    command = new CommandLine({ SCEP_GATEWAY_URL: gateway.adminUrl, SCEP_GATEWAY_TOKEN: gateway.adminToken });
    await createDefaultProfiles(gateway);
    await createAuthority(gateway, 'Devices');
    await rest.post('authorities/Devices/crl');
    await rest.post('aliases', { name: 'scep' });
    await rest.post('end-entities', { username: 'router-1', enrolmentCode: 'secret-1' });
  });

  afterAll(async () => {
    await gateway.close();
  });

  const findings = async (alias: string): Promise<string[]> => {
    const { body } = await rest.get(`aliases/${alias}/doctor`);
    const told = (body['findings'] as JsonObject[]).map(({ level, rule }) => `${String(level)} ${String(rule)}`);
    return told.filter((finding) => finding !== 'warning public-url.loopback');
  };

  it('finds little wrong with what is made by default', async () => {
    const { status, body } = await rest.get('aliases/scep/doctor');
    expect(status).toBe(200);
    expect(body).toEqual({
      alias: 'scep',
      deviceProfile: 'generic',
      examinedAt: '2026-01-02T03:04:05.000Z',
      findings: [expect.objectContaining({ level: 'warning', rule: 'public-url.loopback' })],
      places: [
        { purpose: 'scep', url: 'http://127.0.0.1:2/scep/scep/pkiclient.exe?operation=GetCACaps' },
        { purpose: 'crl', url: 'http://127.0.0.1:2/crl/Devices/1.crl' },
      ],
    });
    const output = await command.done(['doctor', 'scep']);
    expect(output).toMatch(/^Alias scep, device profile generic: 1 warning\.\n\nWARNING +PUBLIC_URL is http:/);
  });

  it('judges what devices would be answered, and is satisfied by its own advice', async () => {
    await rest.post('authorities', { name: 'Elliptic', subject: 'CN=Elliptic', keyAlgorithm: 'EC-P256' });
    await rest.post('authorities/Elliptic/crl');
    await rest.post('aliases', {
      name: 'old',
      authorities: ['Elliptic'],
      deviceProfile: 'openscep',
      caCertificateResponse: { singleCertificate: true },
      algorithms: { accept: { digests: ['sha256'], ciphers: ['aes128'], minimumRsaBits: 2048 } },
    });
    await rest.post('end-entities', { username: 'old-1', enrolmentCode: 'x', authority: 'Elliptic' });
    expect(await findings('old')).toEqual([
      'error ca.no-usable-certificate',
      'error algorithms.no-common-digests',
      'error algorithms.no-common-ciphers',
      'warning ca.ec-key',
    ]);
    const { code, output, errors } = await command.run(['doctor', 'old']);
    expect([code, errors]).toEqual([1, 'scep-gateway: devices of alias old would fail: 3 of these are errors\n']);
    expect(output).toMatch(/^Alias old, device profile openscep: 3 errors, 2 warnings\.$/m);
    const advice = [...output.matchAll(/^ +scep-gateway (.+)$/gm)].map(([, words]) => words!.split(' '));
    expect(advice).toHaveLength(4);
    for (const args of advice) await command.done(args);
    expect(await findings('old')).toEqual(['warning ca.ec-key', 'note algorithms.broken']);
    expect((await command.run(['doctor', 'old'])).code).toBe(0);
  });

  it('sees what end entities and templates are issued by', async () => {
    await rest.post('certificate-profiles', { name: 'NOCRL', crlDistributionPoints: [] });
    await rest.post('certificate-profiles', { name: 'OFF', enabled: false });
    await rest.post('aliases', { name: 'mixed', authorities: ['Devices'], templates: ['Old=OFF'] });
    expect(await findings('mixed')).toEqual(['warning certificate-profile.disabled']);
    await rest.post('end-entities', {
      username: 'router-2',
      enrolmentCode: 'x',
      authority: 'Devices',
      certificateProfile: 'NOCRL',
    });
    expect(await findings('mixed')).toEqual(['warning certificate-profile.disabled', 'note crl.no-place']);
  });

  it('tells what cannot answer, and that nobody may enrol', async () => {
    await rest.post('authorities', { name: 'Waiting', subject: 'CN=Waiting', externalIssuer: true });
    await rest.post('aliases', { name: 'early', authorities: ['Waiting'], enabled: false });
    expect(await findings('early')).toEqual([
      'error alias.disabled',
      'error authority.unavailable',
      'note end-entity.none',
    ]);
  });

  it('writes JSON, tries what devices have to reach, and knows which aliases there are', async () => {
    const { code, output } = await command.run(['doctor', 'scep', '--online', '--json']);
    expect(code).toBe(1);
    const { findings: told } = JSON.parse(output) as { findings: JsonObject[] };
    expect(told.filter(({ rule }) => String(rule).startsWith('online.'))).toMatchObject([
      { level: 'error', rule: 'online.scep' },
      { level: 'warning', rule: 'online.crl' },
    ]);
    expect(await command.run(['doctor', 'nowhere'])).toMatchObject({ code: 3 });
    expect((await rest.get('aliases/nowhere/doctor')).status).toBe(404);
  });
});
