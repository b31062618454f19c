import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandLine } from '../support/command-line';
import { createDefaultProfiles, RestClient } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';

let gateway: TestGateway;
let rest: RestClient;
let command: CommandLine;
const directory = mkdtempSync(join(tmpdir(), 'ejbca-verbs-'));

beforeAll(async () => {
  gateway = await startGateway();
  rest = new RestClient(gateway);
  command = new CommandLine({ SCEP_GATEWAY_URL: gateway.adminUrl, SCEP_GATEWAY_TOKEN: gateway.adminToken });
  await createDefaultProfiles(gateway);
  await rest.post('authorities', { name: 'ManagementCA', subject: 'CN=ManagementCA,O=EJBCA Sample,C=SE' });
  await rest.post('aliases', { name: 'scep' });
});

afterAll(async () => {
  await gateway.close();
  rmSync(directory, { recursive: true });
});

const ra = (...args: string[]) => command.run(['ra', ...args]);
const endEntity = async (username: string) => (await rest.get(`end-entities/${username}`)).body;

describe('ra', () => {
  const enroll = (username: string, code: string) =>
    command.run([
      ...['enroll', '-u', `${gateway.publicUrl}/scep/scep`, '--subject', `CN=${username}`, '--challenge', code],
      ...['-k', join(directory, `${username}.key`), '-l', join(directory, `${username}.pem`)],
    ]);

  it("registers as EJBCA's documentation types it, and lets the device in", async () => {
    const added = await command.run([
      ...['ra', 'addendentity', '--username=user', '--password=foo123', '--dn=CN=User Usersson'],
      ...['--caname=ManagementCA', '--type=1', '--token=USERGENERATED'],
    ]);
    expect(added).toEqual({ code: 0, output: 'end entity user may enrol\n', errors: '' });
    expect(await endEntity('user')).toMatchObject({ subject: 'CN=User Usersson', status: 'NEW' });
    expect(await enroll('user', 'foo123')).toMatchObject({ code: 0 });
    expect(await endEntity('user')).toMatchObject({ status: 'GENERATED' });
    expect(new X509Certificate((await ra('getendentitycert', '--username', 'user')).output).subject).toBe(
      'CN=User Usersson',
    );
  });

  it('lets a device in again as its administrators are used to', async () => {
    expect(await ra('setendentitystatus', '--username', 'user', '-S', '10')).toMatchObject({ code: 0 });
    expect((await ra('setclearpwd', '--username', 'user', '--password', 'foo456')).errors).toContain(
      'no readable copy',
    );
    expect(await enroll('user', 'foo123')).toMatchObject({ code: 3 });
    expect(await enroll('user', 'foo456')).toMatchObject({ code: 0 });
    expect(await ra('setpwd', '--username', 'user', '--password', 'foo789')).toMatchObject({ code: 0, errors: '' });
  });

  it('takes every option, or says why not', async () => {
    const all = [
      ...[
        'ra',
        'adduser',
        '--username',
        'router',
        '--password-file',
        '-',
        '--type',
        '257',
        '--email',
        'a@example.test',
      ],
      ...[
        '--altname',
        'dNSName=router.example.test, iPAddress=192.0.2.1',
        '--certprofile',
        'ENDUSER',
        '--eeprofile',
        'EMPTY',
      ],
    ];
    const { code, errors } = await command.run(all, 'secret\n');
    expect([code, errors]).toEqual([0, expect.stringMatching(/^note: --type 256.*\nnote: --email/)]);
    expect(await endEntity('router')).toMatchObject({
      subjectAltNames: [
        { type: 'dns', value: 'router.example.test' },
        { type: 'ip', value: '192.0.2.1' },
      ],
    });
    expect(await ra('adduser', '--username', 'x', '--password', 'x', '--token', 'P12')).toMatchObject({ code: 2 });
    expect(await ra('adduser', '--username', 'router', '--password', 'x')).toMatchObject({ code: 3 });
    expect(await ra('setendentitystatus', '--username', 'router', '-S', '70')).toMatchObject({ code: 2 });
  });

  it('lists, finds, renames and removes', async () => {
    const names = async (...args: string[]) =>
      ((await command.json(['ra', ...args])) as { username: string }[]).map(({ username }) => username);
    expect(await names('listendentities', '-S', '40')).toEqual(['user']);
    expect(await names('listendentities', '-S', '00')).toEqual(['user', 'router']);
    expect(await names('listnewendentities')).toEqual(['router']);
    expect((await ra('findendentity', '--username', 'router')).output).toMatch(/^status +NEW$/m);
    expect(await ra('renameendentity', '--current', 'router', '--new', 'user')).toMatchObject({ code: 3 });
    expect(await ra('renameendentity', '--current', 'router', '--new', 'switch')).toMatchObject({ code: 0 });
    expect(await ra('delendentity', '--username', 'switch')).toMatchObject({ code: 2 });
    expect(await ra('delendentity', '--username', 'switch', '-force')).toMatchObject({ code: 0 });
    expect(await ra('findendentity', '--username', 'switch')).toMatchObject({ code: 3 });
  });

  it('puts on hold, takes off it, and revokes', async () => {
    const serialNumber = async (): Promise<string> =>
      new X509Certificate((await ra('getendentitycert', '--username', 'user')).output).serialNumber;
    const statuses = async () =>
      ((await command.json(['certificate', 'list', '--username', 'user'])) as { status: string }[]).map(
        (one) => one.status,
      );
    expect(await ra('revokeendentity', '--username', 'user', '-r', '6')).toMatchObject({ code: 0 });
    expect(await statuses()).toEqual(['onHold', 'onHold']);
    expect(await ra('unrevokeendentity', '--username', 'user')).toMatchObject({ code: 0 });
    expect(await statuses()).toEqual(['valid', 'valid']);
    expect(await ra('unrevokeendentity', '--username', 'user')).toMatchObject({ code: 3 });
    const byIssuer = ['--dn', 'C=SE,O=EJBCA Sample,CN=ManagementCA', '-s', await serialNumber(), '-r', '4'];
    expect(await ra('revokecert', ...byIssuer)).toMatchObject({ code: 0 });
    expect(await statuses()).toEqual(['revoked', 'valid']);
    expect(await ra('revokecert', '--dn', 'CN=Other', '-s', '1', '-r', '4')).toMatchObject({ code: 3 });
    expect(await ra('revokeendentity', '--username', 'user', '-r', '1')).toMatchObject({ code: 0 });
    expect(await statuses()).toEqual(['revoked', 'revoked']);
    expect(await endEntity('user')).toMatchObject({ status: 'REVOKED' });
    expect(await ra('revokeendentity', '--username', 'nobody', '-r', '1')).toMatchObject({ code: 3 });
    expect(await ra('revokeendentity', '--username', 'user', '-r', '7')).toMatchObject({ code: 2 });
  });
});
