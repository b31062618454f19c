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

describe('config scep', () => {
  const scep = (...args: string[]) => command.run(['config', 'scep', ...args]);
  const alias = async (name: string) => (await rest.get(`aliases/${name}`)).body;
  const upload = (name: string, text: string) =>
    command.run(['config', 'scep', 'uploadfile', '--alias', name, '--file', '-'], text);

  it("takes the file of EJBCA's documentation", async () => {
    const uploaded = await upload('sample', 'scep.operationmode = ca\nuploaded.includeca = true\n');
    expect(uploaded).toMatchObject({ code: 0, output: 'alias sample is there\n' });
    expect(uploaded.errors).toBe('note: The lines are those of an alias called scep.\n');
    expect(await alias('sample')).toMatchObject({ operationalMode: 'CA', includeCaCertificate: 'issuer' });
  });

  it('adds, lists, renames and removes, and fails where there is nothing to do it to', async () => {
    expect(await scep('addalias', '--alias', 'one')).toMatchObject({ code: 0 });
    expect(await scep('addalias', '--alias', 'one')).toMatchObject({ code: 3 });
    expect(await scep('renamealias', '--oldalias', 'one', '--newalias', 'sample')).toMatchObject({ code: 3 });
    expect(await scep('renamealias', '--oldalias', 'one', '--newalias', 'ra')).toMatchObject({ code: 0 });
    expect((await scep('listalias')).output).toBe('ra\nsample\nscep\n');
    expect(await scep('removealias', '--alias', 'one')).toMatchObject({ code: 3 });
    expect(await scep('removealias', '--alias', 'ra')).toMatchObject({ code: 0 });
  });

  it('sets one key, and no unknown one', async () => {
    const set = (key: string, value: string) =>
      scep('updatealias', '--alias', 'sample', '--key', key, '--value', value);
    expect(await set('rootFirst', 'true')).toMatchObject({ code: 0 });
    expect(await alias('sample')).toMatchObject({ caCertificateResponse: { order: 'rootFirst' } });
    expect(await set('rootfirst', 'true')).toMatchObject({
      code: 3,
      errors: expect.stringContaining('no key') as string,
    });
    expect(await set('includeca', 'perhaps')).toMatchObject({ code: 3 });
    expect(await scep('updatealias', '--alias', 'none', '--key', 'includeca', '--value', 'true')).toMatchObject({
      code: 3,
    });
    expect((await rest.get('aliases/none')).status).toBe(404);
  });

  it('lets devices into RA mode by the password of the file, and shows that nowhere', async () => {
    const text = [
      'mdm.operationmode=ra',
      'mdm.ra.defaultCA=ManagementCA',
      'mdm.ra.authPwd=sesame-1',
      'mdm.ra.namegenerationprefix=mdm-',
      'mdm.signingKeyAlias=key',
      'other.operationmode=ra',
    ].join('\n');
    const uploaded = await upload('mdm', text);
    expect(uploaded).toMatchObject({ code: 0, output: 'alias mdm is there\n' });
    expect(uploaded.errors).toMatch(
      /^not carried over: signingKeyAlias: .*\nnote: Lines of other aliases.* other\.\n$/,
    );
    const enrolled = await command.run([
      ...['enroll', '-u', `${gateway.publicUrl}/ejbca/publicweb/apply/scep/mdm/pkiclient.exe`],
      ...[
        '--subject',
        'CN=phone',
        '--challenge',
        'sesame-1',
        '-k',
        join(directory, 'p.key'),
        '-l',
        join(directory, 'p.pem'),
      ],
    ]);
    expect(enrolled).toMatchObject({ code: 0 });
    expect(await endEntity('mdm-phone')).toMatchObject({ status: 'GENERATED' });
    const { output, errors } = await scep('dumpall');
    expect(output).toMatch(/^mdm\.operationmode=ra\n/m);
    expect(output).toContain('# mdm.ra.authPwd is a secret and is not written\n');
    expect(errors).toContain('ra.authenticationPassword');
    const audit = (await rest.get('audit-events')).text;
    expect(output + errors + audit + JSON.stringify(await alias('mdm'))).not.toContain('sesame-1');
  });

  it('reads what it writes', async () => {
    const { output } = await scep('dumpalias', '--alias', 'mdm');
    expect(await upload('again', output)).toMatchObject({
      code: 0,
      errors: expect.stringContaining('disabled') as string,
    });
    const { output: second } = await scep('dumpalias', '--alias', 'again');
    expect(second.replaceAll('again.', 'mdm.')).toBe(output);
    expect(await alias('again')).toMatchObject({ enabled: false, operationalMode: 'RA' });
  });

  it.each(['', 'none'])('disables an alias whose password is "%s", and says so', async (password) => {
    const uploaded = await upload('mdm', `mdm.ra.authPwd=${password}`);
    expect(uploaded).toMatchObject({ code: 0, errors: expect.stringContaining('disabled') as string });
    expect(await alias('mdm')).toMatchObject({ enabled: false, ra: { authenticationPassword: '' } });
    const updated = await command.run(
      ['config', 'scep', 'updatealias', '--alias', 'mdm', '--key', 'ra.authPwd', '--value-file', '-'],
      'sesame-2\n',
    );
    expect(updated).toMatchObject({ code: 0, output: 'ra.authPwd of alias mdm is set\n' });
    expect(updated.errors).toBe(
      'note: The alias is disabled: alias change mdm --set enabled=true puts it into service.\n',
    );
  });

  it('has an alias ask Intune, and disables one that could not', async () => {
    const text = (key: string) =>
      ['operationmode=ra', 'useIntune=true', 'intuneTenant=t.example', 'intuneAadAppId=a-1', `intuneAadAppKey=${key}`]
        .map((line) => `intune.${line}`)
        .join('\n');
    expect(await upload('intune', text('encv1:0a:100:0b'))).toMatchObject({ code: 0 });
    expect(await alias('intune')).toMatchObject({ enabled: false, challenge: { kind: 'intune' } });
    expect(await upload('intune-2', text('sesame-3'))).toMatchObject({ code: 0 });
    expect(await alias('intune-2')).toMatchObject({
      enabled: true,
      renewal: { challengeRequired: true },
      challenge: { kind: 'intune', intune: { tenant: 't.example', applicationKey: '********' } },
    });
    expect((await scep('dumpalias', '--alias', 'intune-2')).output).toMatch(/^intune-2\.useIntune=true$/m);
    expect(await upload('intune-2', 'intune-2.useIntune=false\nintune-2.ra.authPwd=x')).toMatchObject({ code: 0 });
    expect(await alias('intune-2')).toMatchObject({ enabled: true, challenge: { kind: 'static' } });
  });

  it('changes nothing where one value cannot be had', async () => {
    const refused = await upload('mdm', 'mdm.includeca=false\nmdm.ra.certificateProfile=NOBODY');
    expect(refused).toMatchObject({ code: 3 });
    expect(await alias('mdm')).toMatchObject({ includeCaCertificate: 'issuer' });
    expect(await upload('x y', 'a.includeca=true')).toMatchObject({ code: 3 });
    expect(await upload('empty', '# nothing')).toMatchObject({ code: 3 });
    expect((await rest.get('aliases/empty')).status).toBe(404);
  });
});
