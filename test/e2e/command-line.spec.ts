import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDED_DATABASE_VARIABLE } from '../../src/config/environment';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { buildCertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { pem } from '../../src/pki/x509/pem';
import { UndecodableCounter } from '../../src/requests/undecodable-counter';
import { Welcome } from '../../src/startup/welcome';
import { CommandLine } from '../support/command-line';
import { startGateway, type TestGateway } from '../support/start-gateway';

let gateway: TestGateway;
let command: CommandLine;
let url: string;
const directory = mkdtempSync(join(tmpdir(), 'command-line-'));
const file = (name: string): string => join(directory, name);
const certificateIn = (name: string): X509Certificate => new X509Certificate(readFileSync(file(name)));

beforeAll(async () => {
  // As a gateway with a database of its own, whose first start makes an authority and an alias.
  gateway = await startGateway({ environment: { [EMBEDDED_DATABASE_VARIABLE]: 'true' } });
  command = new CommandLine({ SCEP_GATEWAY_URL: gateway.adminUrl, SCEP_GATEWAY_TOKEN: gateway.adminToken });
  url = `${gateway.publicUrl}/scep/scep/pkiclient.exe`;
});

afterAll(async () => {
  await gateway.close();
  rmSync(directory, { recursive: true });
});

const address = (listener: string) => ({ address: '127.0.0.1', family: 'IPv4', port: Number(new URL(listener).port) });

describe('what the first start prints', () => {
  it('enrols when it is pasted', async () => {
    const welcome = gateway.application.get(Welcome);
    const text = await welcome.text(address(gateway.publicUrl), address(gateway.adminUrl));
    const pasted = text!.slice(text!.indexOf('npx')).replaceAll('\\\n', ' ').split('&&');
    expect(pasted).toHaveLength(2);
    for (const line of pasted) {
      const [npx, program, ...args] = line.trim().split(/\s+/);
      expect([npx, program]).toEqual(['npx', 'scep-gateway']);
      await command.done(args.map((arg) => (/^router-1\.(key|pem)$/.test(arg) ? file(arg) : arg)));
    }
    const certificate = certificateIn('router-1.pem');
    expect(certificate.subject).toBe('CN=router-1');
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(file('router-1.key'))))).toBe(true);
    expect(statSync(file('router-1.key')).mode & 0o077).toBe(0);
    const authority = new X509Certificate(await command.done(['authority', 'show', 'ManagementCA', '--pem']));
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(text).toContain(authority.fingerprint256);
  });
});

describe('enroll, getca, getcaps', () => {
  const enroll = (...more: string[]) => command.run(['enroll', '-u', url, ...more]);

  it('tells the device little and the administrator all when the challengePassword is wrong', async () => {
    await command.done(['end-entity', 'create', 'wrong', '--enrolment-code-file', '-'], 'right\n');
    const refused = await enroll(
      '--subject',
      'CN=wrong',
      '--challenge',
      'wrong',
      '-k',
      file('w.key'),
      '-l',
      file('w.pem'),
    );
    expect(refused).toMatchObject({ code: 3, output: '' });
    expect(refused.errors).toContain('the CA refused (badRequest: ');
    expect(existsSync(file('w.pem'))).toBe(false);
    const [, transactionID] = /request list --transaction-id ([0-9A-F]+)$/m.exec(refused.errors)!;
    const logged = await command.json(['request', 'list', '--transaction-id', transactionID!]);
    expect(logged).toMatchObject([{ outcome: 'refused', rule: 'challenge.wrong', username: 'wrong' }]);
    expect(await command.done(['request', 'show', transactionID!])).toMatch(/^decoded\.digest +sha256$/m);
    expect(await command.done(['end-entity', 'show', 'wrong'])).toMatch(/^failedSources\[0\]\.failures +1$/m);
    await command.done(['end-entity', 'unlock', 'wrong']);
    expect(await command.json(['end-entity', 'show', 'wrong'])).toMatchObject({ status: 'NEW', failedSources: [] });
  });

  it('sends a request made beforehand, by GET, to the CA of a file', async () => {
    await command.done(['end-entity', 'create', 'prepared', '--enrolment-code', 'code']);
    await command.done(['getca', '-u', url, '-c', file('ca.pem')]);
    const key = PrivateKey.generateRsa(2048);
    const request = await buildCertificationRequest({
      subject: DistinguishedName.parse('CN=prepared'),
      signer: key,
      challengePassword: 'code',
      digest: 'sha256',
    });
    writeFileSync(file('p.key'), pem('PRIVATE KEY', key.toPkcs8()));
    writeFileSync(file('p.csr'), pem('CERTIFICATE REQUEST', request));
    const algorithms = ['--get', '-E', 'aes256', '-S', 'sha512', '-v'];
    const done = await enroll('-k', file('p.key'), '-r', file('p.csr'), '-c', file('ca.pem'), ...algorithms);
    expect(done).toMatchObject({ code: 0 });
    expect(done.errors).toContain('PKCSReq by GET, sha512, aes256');
    expect(new X509Certificate(done.output).subject).toBe('CN=prepared');
  });

  it.each([
    ['EC-P256', 'prime256v1'],
    ['EC-P384', 'secp384r1'],
    ['EC-P521', 'secp521r1'],
  ])('K-05: makes a key with --key-algorithm %s and enrols with it', async (algorithm, namedCurve) => {
    const name = algorithm.toLowerCase();
    await command.done(['end-entity', 'create', name, '--enrolment-code', 'code']);
    const common = ['--subject', `CN=${name}`, '-k', file(`${name}.key`), '-l', file(`${name}.pem`)];
    const done = await enroll(...common, '--key-algorithm', algorithm, '--challenge', 'code');
    expect(done).toMatchObject({ code: 0 });
    expect(done.errors).toContain(`made an EC key of ${algorithm.slice(4)} bits`);
    const certificate = certificateIn(`${name}.pem`);
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve });
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(file(`${name}.key`))))).toBe(true);
  });

  it('stops at another CA', async () => {
    const { fingerprint256, fingerprint } = certificateIn('ca.pem');
    const other = fingerprint256.replace(/^../, (octet) => (octet === '00' ? '11' : '00'));
    const common = ['--subject', 'CN=x', '-k', file('p.key')];
    expect(await enroll(...common, '--fingerprint', other)).toMatchObject({ code: 5 });
    expect((await enroll(...common, '--fingerprint', fingerprint, '--challenge', 'x')).code).toBe(3);
  });

  it.each([
    [['--subject', 'CN=x', '-k', 'ca.pem'], 'cannot be used: private key'],
    [['-r', 'ca.pem', '-k', 'p.key'], 'ca.pem cannot be used'],
    [['--subject', 'CN=x', '-k', 'p.key', '-c', 'p.csr'], 'p.csr cannot be used'],
    [['--subject', 'CN=x', '-k', 'p.key', '--fingerprint', 'abc'], '--fingerprint takes'],
    [['-r', 'p.csr', '-k', 'p.key', '--challenge', 'x'], 'not for --request'],
    [['-r', 'p.csr', '-k', 'router-1.key'], 'is not for the key of'],
    [['--subject', 'CN=x', '--san', 'ip:nowhere', '-k', 'p.key'], '--san cannot be read'],
    [['--subject', 'CN=x', '-k', 'ec-p256.key'], 'there has to be one'],
    [['--subject', 'CN=x', '-k', 'new.key', '--key-algorithm', 'ED25519'], 'EC-P521'],
  ])('refuses %j with exit code 2', async (args, told) => {
    const withPaths = args.map((arg) => (/\.(pem|key|csr)$/.test(arg) ? file(arg) : arg));
    const { code, errors } = await enroll(...withPaths);
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining(told) as string });
  });

  it('writes what the server can do, and the fingerprint by any digest', async () => {
    expect(await command.done(['getcaps', '-u', url])).toMatch(/^SHA-256$/m);
    const ca = certificateIn('ca.pem');
    expect(await command.done(['getca', '-u', url, '-F', 'sha1'])).toContain(ca.fingerprint);
    expect(await command.json(['getca', '-u', url])).toMatchObject([{ sha256: ca.fingerprint256 }]);
    const missing = await command.run(['getca', '-u', `${gateway.publicUrl}/scep/nowhere`]);
    expect(missing).toMatchObject({ code: 5, output: '' });
  });
});

describe('administration', () => {
  it('makes what a device needs, changes it and takes it away again', async () => {
    await command.done([
      'authority',
      'create',
      'Fleet',
      '--subject',
      'CN=Fleet CA,O=Example',
      '--issuer',
      'ManagementCA',
    ]);
    await command.done(['profile', 'certificate', 'create', 'SHORT', '--set', 'validity=90d']);
    await command.done(['profile', 'end-entity', 'create', 'NAMED', '--set', 'requiredSubjectAttributes=CN,O']);
    await command.done(['alias', 'create', 'fleet', '--set', 'authorities=Fleet']);
    const profiles = ['--certificate-profile', 'SHORT', '--end-entity-profile', 'NAMED', '--authority', 'Fleet'];
    const create = ['end-entity', 'create', 'car-1', '--enrolment-code', 'code', ...profiles];
    const refused = await command.run(create);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.errors).toContain('subject: the end entity profile requires O');
    await command.done([...create, '--subject', 'CN=Car One,O=Example', '--san', 'dns:car-1.example.com']);
    const fleetUrl = `${gateway.publicUrl}/scep/fleet`;
    const enroll = ['enroll', '-u', fleetUrl, '--subject', 'CN=car-1', '--challenge', 'code'];
    await command.done([...enroll, '-k', file('car.key'), '-l', file('car.pem')]);
    const certificate = certificateIn('car.pem');
    expect(certificate.subject).toBe('CN=Car One\nO=Example');
    expect(certificate.subjectAltName).toBe('DNS:car-1.example.com');
    const listed = await command.json(['certificate', 'list', '--alias', 'fleet', '--username', 'car-1']);
    expect(listed).toMatchObject([{ status: 'valid', serialNumber: certificate.serialNumber.toLowerCase() }]);
    const named = ['Fleet', certificate.serialNumber];
    const table = await command.done(['certificate', 'list', '--authority', 'Fleet', '--username', 'car-1']);
    expect(table).toMatch(/^AUTHORITY +GENERATION +SERIAL NUMBER .*\nFleet +1 +[0-9a-f]+ +valid +car-1 /);
    expect(await command.done(['certificate', 'show', ...named, '--pem'])).toBe(certificate.toString());
    expect(await command.run(['end-entity', 'delete', 'car-1'])).toMatchObject({ code: 3 });
    await command.done(['certificate', 'revoke', ...named, '--reason', 'superseded']);
    expect(await command.json(['certificate', 'show', ...named])).toMatchObject({ revocationReason: 'superseded' });
    await command.done(['end-entity', 'rename', 'car-1', 'car-2']);
    await command.done(['end-entity', 'status', 'car-2', 'new', '--enrolment-code', 'other']);
    await command.done(['end-entity', 'change', 'car-2', '--allowed-requests', '3']);
    expect(await command.json(['end-entity', 'show', 'car-2'])).toMatchObject({ status: 'NEW', allowedRequests: 3 });
    await command.done(['end-entity', 'delete', 'car-2']);
    await command.done(['alias', 'change', 'fleet', '--set', 'limits.lockoutFor=60', '--set', 'enabled=false']);
    await command.done(['alias', 'change', 'fleet', '--unset', 'enabled']);
    expect(await command.json(['alias', 'show', 'fleet'])).toMatchObject({ enabled: true, limits: { lockoutFor: 60 } });
    await command.done(['alias', 'rename', 'fleet', 'cars']);
    await command.done(['alias', 'delete', 'cars']);
    await command.done(['profile', 'certificate', 'change', 'SHORT', '--set', 'validity=30d']);
    expect(await command.json(['profile', 'certificate', 'show', 'SHORT'])).toMatchObject({ validity: '30d' });
    await command.done(['profile', 'certificate', 'delete', 'SHORT']);
    await command.done(['profile', 'end-entity', 'delete', 'NAMED']);
    await command.done(['authority', 'rename', 'Fleet', 'Old fleet']);
    expect(await command.run(['authority', 'delete', 'Old fleet'])).toMatchObject({ code: 3 });
    const lists = [['alias'], ['end-entity'], ['authority'], ['profile', 'certificate'], ['profile', 'end-entity']];
    for (const list of lists) expect(await command.done([...list, 'list'])).toMatch(/^[A-Z]/);
  });

  it('lets a CA elsewhere certify an authority', async () => {
    const create = ['authority', 'create', 'Waiting', '--subject', 'CN=Waiting', '--external', '--digest', 'sha384'];
    await command.done([...create, '--description', 'for the plant']);
    const request = await command.done(['authority', 'request', 'Waiting']);
    expect(request).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n/);
    const shown = await command.done(['authority', 'show', 'Waiting']);
    expect(shown).toMatch(/^state +pending$/m);
    expect(shown).toMatch(/^settings.digest +sha384$/m);
    // Its own certificate is none of this key.
    const wrong = await command.run(['authority', 'certificate', 'Waiting', file('ca.pem')]);
    expect(wrong).toMatchObject({ code: 3, errors: expect.stringContaining('certificates: ') as string });
    await command.done(['authority', 'change', 'Waiting', '--ra-certificate', 'pair', '--ra-validity-days', '365']);
    expect(await command.json(['authority', 'show', 'Waiting'])).toMatchObject({
      description: 'for the plant',
      settings: { digest: 'sha384', raCertificate: 'pair', raValidityDays: 365 },
    });
    await command.done(['authority', 'delete', 'Waiting']);
  });

  it('rolls an authority over, which a client can follow', async () => {
    await command.done(['authority', 'create', 'Rolling', '--subject', 'CN=Rolling', '--rollover-overlap-hours', '0']);
    await command.done(['alias', 'create', 'rolling', '--set', 'authorities=Rolling']);
    const address = ['-u', `${gateway.publicUrl}/scep/rolling`];
    expect(await command.run(['getca', '--next', ...address])).toMatchObject({ code: 5 });
    const plan = ['authority', 'rollover', 'plan', 'Rolling', '--key', 'same', '--overlap-hours', '0'];
    expect(await command.run([...plan, '--activate-at', '2026-03-01T00:00:00'])).toMatchObject({
      code: 3,
      errors: expect.stringContaining('time zone') as string,
    });
    const planned = await command.done([...plan, '--activate-at', '2026-03-01T01:00:00+01:00']);
    expect(planned).toMatch(/^generation 2 takes over at 2026-03-01T00:00:00.000Z; SHA-256 ([0-9A-F:]{95})$/m);
    const [next] = (await command.json(['getca', '--next', ...address])) as { sha256: string; notBefore: string }[];
    expect(next).toMatchObject({ notBefore: '2026-03-01T00:00:00.000Z' });
    expect(planned).toContain(next!.sha256);
    expect(await command.run(['authority', 'rollover', 'activate', 'Rolling'])).toMatchObject({ code: 3 });
    await command.done(['authority', 'rollover', 'cancel', 'Rolling']);
    await command.done([...plan, '--validity-days', '10']);
    expect(await command.done(['authority', 'rollover', 'activate', 'Rolling'])).toContain('generation 3');
    expect(await command.done(['authority', 'show', 'Rolling'])).toMatch(/^generation +3$/m);
  });

  it('counts what was no SCEP message', async () => {
    await fetch(`${url}?operation=PKIOperation`, { method: 'POST', body: 'garbage' });
    await gateway.application.get(UndecodableCounter, { strict: false }).flush();
    const counted = await command.json(['request', 'undecodable', '--alias', 'scep']);
    expect(counted).toMatchObject([{ alias: 'scep', occurrences: 1, lastSource: '127.0.0.1' }]);
  });

  it('needs the token', async () => {
    const stranger = new CommandLine({ SCEP_GATEWAY_URL: gateway.adminUrl, DATA_DIR: directory });
    const { code, errors } = await stranger.run(['alias', 'list']);
    expect(code).toBe(3);
    expect(errors).toContain('SCEP_GATEWAY_TOKEN_FILE');
    writeFileSync(file('admin-token'), gateway.adminToken);
    expect(await stranger.done(['alias', 'list'])).toContain('scep');
  });
});

describe('approval', () => {
  const approvedUrl = (): string => url.replace('/scep/scep/', '/scep/by-hand/');
  const enroll = (name: string, ...more: string[]) => [
    'enroll',
    '-u',
    approvedUrl(),
    '--subject',
    `CN=${name}`,
    '--challenge',
    'code',
    '-k',
    file(`${name}.key`),
    '-l',
    file(`${name}.pem`),
    ...more,
  ];

  async function waiting(name: string): Promise<{ id: string; fingerprints: Record<string, string> }> {
    await command.done(['end-entity', 'create', name, '--enrolment-code', 'code']);
    const { code, errors } = await command.run(enroll(name));
    expect([code, errors]).toEqual([4, expect.stringContaining('--resume')]);
    const list = JSON.parse(
      await command.done(['approval', 'list', '--state', 'waiting', '--username', name, '--json']),
    );
    const [first] = list as { id: string; fingerprints: Record<string, string> }[];
    return first!;
  }

  beforeAll(() => command.done(['alias', 'create', 'by-hand', '--set', 'approval.enrolment=true']));

  it('is listed, shown, approved, and fetched by --resume', async () => {
    const { id, fingerprints } = await waiting('hand-1');
    expect(await command.done(['approval', 'list'])).toContain(id);
    expect(await command.done(['approval', 'show', id])).toContain(fingerprints['sha256']);
    expect(await command.done(['approval', 'approve', id])).toContain('issued');
    await command.done(enroll('hand-1', '--resume'));
    expect(certificateIn('hand-1.pem').subject).toBe('CN=hand-1');
    expect((await command.run(['approval', 'reject', id, '--reason', 'too late'])).code).toBe(3);
  });

  it('is rejected, and the device told why only where that is wanted', async () => {
    const { id } = await waiting('hand-2');
    expect((await command.run(['approval', 'reject', id])).code).toBe(2);
    await command.done(['approval', 'reject', id, '--reason', 'ask room 12', '--tell-device']);
    const { code, errors } = await command.run(enroll('hand-2', '--resume', '--poll-time', '3600'));
    expect([code, errors]).toEqual([3, expect.stringContaining('ask room 12')]);
  });
});
