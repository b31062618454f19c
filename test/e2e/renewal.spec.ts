import { AliasRegistry } from '../../src/aliases/alias.registry';
import { AuthorityService } from '../../src/authorities/authority.service';
import type { Enrolment, EnrolmentReply } from '../../src/client/enrolment-message';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { subjectAltName } from '../../src/pki/x509/extension';
import { type GeneralName, readGeneralNames } from '../../src/pki/x509/general-name';
import { Oid } from '../../src/pki/x509/oid';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { type Enrolled, enrolled, issued, NEW_KEY, renew, sql, verdictOn } from '../support/renewal';

/** Renewal: RFC 8894 sections 2.3 to 2.5, rows G-09 to G-13. Who may renew at all is told by renewal-signers.spec.ts. */
let scene: EnrolmentScene;
const ANY_TIME = { window: '100%' };
const names = (...list: GeneralName[]) => ({ extensions: [subjectAltName(list, false)] });

beforeAll(async () => {
  scene = await enrolmentScene();
  await scene.createAlias('early', { renewal: ANY_TIME });
  await scene.createAlias('old-key', { renewal: { ...ANY_TIME, allowOldKey: true } });
  await scene.createAlias('disabled', { renewal: { enabled: false } });
});

afterAll(() => scene.close());

const serialOf = (reply: EnrolmentReply): string => issued(reply).certificate.serialHex;

/** Renews through the alias `early`; the rule that decided, or `issued`. */
async function verdict(signer: Enrolled, changes: Partial<Enrolment> = {}, alias = 'early'): Promise<string> {
  const reply = await renew(scene, signer, changes, alias);
  const decided = await verdictOn(scene);
  expect(reply.pkiStatus).toBe(decided === 'issued' ? 'SUCCESS' : 'FAILURE');
  return decided;
}

describe('a renewal', () => {
  it('G-10, G-12: is for a new key, and the old one opens the answer', async () => {
    const device = await enrolled(scene, 'early');
    const { certificate } = issued(await renew(scene, device, {}, 'early'));
    expect(certificate.publicKey.equals(NEW_KEY.publicKey)).toBe(true);
    expect(certificate.subject.equals(device.certificate.subject)).toBe(true);
    expect(await scene.endEntities.get(device.username)).toMatchObject({ status: 'GENERATED', remainingRequests: 0 });
  });

  it('takes no allowed request, and is in the audit log with what it renews', async () => {
    const device = await enrolled(scene, 'early', { allowedRequests: 3 });
    const serial = serialOf(await renew(scene, device, {}, 'early'));
    expect(await scene.endEntities.get(device.username)).toMatchObject({ status: 'NEW', remainingRequests: 2 });
    const [event] = await sql<{ action: string; details: object }>(
      scene,
      'select action, details from audit_events where target = $1',
      [`certificates/Devices/${serial}`],
    );
    expect(event).toMatchObject({
      action: 'certificate.renew',
      details: { endEntity: device.username, renews: `certificates/Devices/${device.certificate.serialHex}` },
    });
  });

  it('is renewed in turn, and the certificate before it no more', async () => {
    const device = await enrolled(scene, 'early');
    const { certificate } = issued(await renew(scene, device, {}, 'early'));
    expect(await verdict(device, { transactionID: 'again' })).toBe('renewal.latest-certificate');
    expect(await verdict({ ...device, certificate, key: NEW_KEY }, { key: DEVICE_KEY })).toBe('issued');
  });

  it('is refused before the window, which begins at half of the validity', async () => {
    const device = await enrolled(scene);
    scene.clock.advance({ days: 360 });
    expect(await verdict(device, {}, 'scep')).toBe('renewal.window');
    scene.clock.advance({ days: 10 });
    expect(await verdict(device, {}, 'scep')).toBe('issued');
  });

  it('G-13: is granted to an expired certificate within the grace', async () => {
    await scene.createAlias('grace', { renewal: { ...ANY_TIME, graceAfterExpiry: '2d' } });
    const profiles = scene.gateway.application.get(CertificateProfileRegistry, { strict: false });
    await profiles.create('test', 'DAY', { validity: '1d' });
    const [soon, late] = [
      await enrolled(scene, 'grace', { certificateProfile: 'DAY' }),
      await enrolled(scene, 'grace', { certificateProfile: 'DAY' }),
    ];
    scene.clock.advance({ days: 2 });
    expect(await verdict(soon, {}, 'grace')).toBe('issued');
    scene.clock.advance({ days: 2 });
    expect(await verdict(late, {}, 'grace')).toBe('renewal.graceAfterExpiry');
  });

  it.each([
    ['REVOKED', 'renewal.end-entity-status'],
    ['HISTORICAL', 'renewal.end-entity-status'],
    ['NEW', 'issued'],
  ] as const)('where the end entity is %s: %s', async (status, rule) => {
    const device = await enrolled(scene, 'early');
    await scene.endEntities.setStatus('test', device.username, { status });
    expect(await verdict(device)).toBe(rule);
  });

  it('is refused when the end entity is gone', async () => {
    const device = await enrolled(scene, 'early');
    await sql(scene, 'delete from end_entities where username = $1', [device.username]);
    expect(await verdict(device)).toBe('renewal.end-entity');
  });

  it('is refused to the authority that the end entity has left, and granted by its new one, if that takes the old', async () => {
    await scene.createAuthority({ name: 'Newer', subject: 'CN=Newer' });
    await scene.createAlias('newer', { authorities: ['Newer'], renewal: { ...ANY_TIME, fromAliases: ['early'] } });
    const device = await enrolled(scene, 'early');
    await sql(
      scene,
      `update end_entities set authority_id = (select id from authorities where name = 'Newer')
      where username = $1`,
      [device.username],
    );
    expect(await verdict(device)).toBe('end-entity.authority');
    expect(await verdict(device, {}, 'newer')).toBe('renewal.fromAuthorities');
    await scene.createAlias('newest', {
      authorities: ['Newer'],
      renewal: { ...ANY_TIME, fromAliases: ['early'], fromAuthorities: ['Devices'] },
    });
    const { certificate } = issued(await renew(scene, device, {}, 'newest'));
    expect(certificate.issuer.toString()).toBe('CN=Newer');
  });

  it('is granted by the alias that issued the certificate, whatever it is called by now, and by those that name it', async () => {
    await scene.createAlias('issuing', { renewal: ANY_TIME });
    await scene.createAlias('trusting', { renewal: { ...ANY_TIME, fromAliases: ['early', 'issuing'] } });
    const [first, second, third] = [
      await enrolled(scene, 'issuing'),
      await enrolled(scene, 'issuing'),
      await enrolled(scene, 'issuing'),
    ];
    const aliases = scene.gateway.application.get(AliasRegistry, { strict: false });
    await aliases.rename('test', 'issuing', 'renamed');
    await scene.createAlias('issuing', { renewal: ANY_TIME });
    expect(await verdict(first, {}, 'issuing')).toBe('renewal.fromAliases');
    expect(await verdict(first, {}, 'renamed')).toBe('issued');
    expect((await aliases.get('trusting')).settings.renewal.fromAliases).toEqual(['early', 'renamed']);
    expect(await verdict(second, {}, 'trusting')).toBe('issued');
    await aliases.remove('test', 'renamed');
    expect(await verdict(third, {}, 'issuing')).toBe('issued');
  });

  it('is granted for the certificates of an authority that has another name by now', async () => {
    await scene.createAuthority({ name: 'Old', subject: 'CN=Old' });
    await scene.createAlias('of-old', { renewal: { fromAuthorities: ['Devices', 'Old'] } });
    const authorities = scene.gateway.application.get(AuthorityService, { strict: false });
    await authorities.rename('test', 'Old', 'Older');
    const aliases = scene.gateway.application.get(AliasRegistry, { strict: false });
    const { renewal } = (await aliases.patch('test', 'of-old', { description: 'still valid' })).settings;
    expect(renewal.fromAuthorities).toEqual(['Devices', 'Older']);
  });

  it('is refused where the alias does not renew, while its certificates still sign enrolments', async () => {
    const device = await enrolled(scene, 'disabled', { allowedRequests: 2 });
    expect(await verdict(device, {}, 'disabled')).toBe('renewal.enabled');
    const { username, ...signer } = device;
    const again = { signer, transactionID: 'signed by the first' };
    expect(serialOf(await scene.enrol(`CN=${username}`, 'secret', again, 'disabled'))).not.toBe(
      signer.certificate.serialHex,
    );
  });

  it('is offered exactly where it is enabled (B-08)', async () => {
    expect((await scene.client('early').getCaCaps()).has('Renewal')).toBe(true);
    expect((await scene.client('disabled').getCaCaps()).has('Renewal')).toBe(false);
  });
});

describe('L-04: what a renewal may ask for', () => {
  it('the subject that was issued, letter case and string types aside', async () => {
    const device = await enrolled(scene, 'early', { subject: 'CN=Router One,O=Example' });
    expect(await verdict(device, { subject: DistinguishedName.parse(`CN=${device.username}`) })).toBe(
      'renewal.subject',
    );
    expect(await verdict(device, { subject: DistinguishedName.parse('CN=router  ONE,O=example') })).toBe('issued');
  });

  it('another subject only in what the alias ignores', async () => {
    await scene.createAlias('ignoring', {
      renewal: { ...ANY_TIME, ignoredSubjectAttributes: ['SERIALNUMBER', 'unstructuredName'] },
    });
    const device = await enrolled(scene, 'ignoring');
    const asked = (more: string) => ({ subject: DistinguishedName.parse(`${more}CN=${device.username}`) });
    expect(await verdict(device, asked('O=More,'), 'ignoring')).toBe('renewal.subject');
    expect(await verdict(device, asked('serialNumber=FCH1,unstructuredName=r1.example.com,'), 'ignoring')).toBe(
      'issued',
    );
  });

  it('subjectAltNames that were issued, or none', async () => {
    const registered = {
      subjectAltNames: [
        { type: 'dns', value: 'r1.example.com' },
        { type: 'ip', value: '192.0.2.1' },
      ],
    };
    const device = await enrolled(scene, 'early', registered);
    const more = names({ type: 'dns', value: 'r1.example.com' }, { type: 'dns', value: 'r2.example.com' });
    expect(await verdict(device, more)).toBe('renewal.subject-alt-names');
    const { certificate } = issued(
      await renew(scene, device, names({ type: 'dns', value: 'R1.Example.com' }), 'early'),
    );
    expect(certificate.extension(Oid.subjectAltName)).toEqual(device.certificate.extension(Oid.subjectAltName));
  });

  it('nothing that changes names which came from the request: they are those of the certificate again', async () => {
    await scene.createAlias('asked', { subjectSource: 'request', renewal: ANY_TIME });
    const device = await enrolled(scene, 'asked', {}, names({ type: 'dns', value: 'asked.example.com' }));
    const { certificate } = issued(await renew(scene, device, {}, 'asked'));
    expect(certificate.subject.raw).toEqual(device.certificate.subject.raw);
    expect(readGeneralNames(certificate.extension(Oid.subjectAltName)!)).toEqual([
      { type: 'dns', value: 'asked.example.com' },
    ]);
  });
});

describe('G-09: a challenge that is required as well', () => {
  beforeAll(() =>
    scene.createAlias('strict', { renewal: { ...ANY_TIME, challengeRequired: true }, limits: { failedAttempts: 2 } }),
  );

  it.each([
    ['absent', undefined, 'challenge.missing'],
    ['empty', '', 'challenge.missing'],
    ['wrong', 'wrong', 'challenge.wrong'],
    ['right', 'secret', 'issued'],
  ])('%s', async (_, challengePassword, rule) => {
    expect(await verdict(await enrolled(scene, 'strict'), { challengePassword }, 'strict')).toBe(rule);
  });

  it('is guarded by the lockout', async () => {
    const device = await enrolled(scene, 'strict');
    for (let i = 0; i < 2; i++)
      expect(await verdict(device, { challengePassword: `guess ${i}` }, 'strict')).toBe('challenge.wrong');
    expect(await verdict(device, { challengePassword: 'secret' }, 'strict')).toBe('limits.lockout-of-source');
  });
});

it('a guess at the challenge of a PKCSReq that cannot renew is counted, and the answer tells nothing of it', async () => {
  const device = await enrolled(scene);
  const guess = (challengePassword: string) =>
    renew(scene, device, { messageType: 'PKCSReq', key: DEVICE_KEY, challengePassword }, 'scep');
  const wrong = await guess('wrong');
  expect(wrong).toMatchObject({ pkiStatus: 'FAILURE', failInfoText: expect.stringMatching(/too early to renew/) });
  expect(await guess('secret')).toEqual(wrong);
  const [row] = await sql(scene, 'select failed_attempts from end_entities where username = $1', [device.username]);
  expect(row).toEqual({ failed_attempts: 1 });
});

describe('the ledger', () => {
  it('answers a repeated renewal with the same certificate, newly signed too', async () => {
    const device = await enrolled(scene, 'early');
    const first = serialOf(await renew(scene, device, {}, 'early'));
    expect(serialOf(await renew(scene, device, { cipher: 'aes256' }, 'early'))).toBe(first);
    expect(await verdictOn(scene)).toBe('repeated');
  });

  it.each(['RenewalReq', 'PKCSReq'] as const)(
    'knows a %s with the key and the transactionID of the enrolment (micromdm, sscep) for a new request, each time',
    async (messageType) => {
      const same = { transactionID: 'always the same', key: DEVICE_KEY, messageType };
      const device = await enrolled(scene, 'old-key', {}, { transactionID: same.transactionID });
      const second = issued(await renew(scene, device, same, 'old-key')).certificate;
      const third = issued(await renew(scene, { ...device, certificate: second }, same, 'old-key')).certificate;
      expect(new Set([device.certificate, second, third].map(({ serialHex }) => serialHex)).size).toBe(3);
      expect(serialOf(await renew(scene, { ...device, certificate: second }, same, 'old-key'))).toBe(third.serialHex);
    },
  );

  it('lets one of many renewals at once through', async () => {
    const device = await enrolled(scene, 'early');
    const before = await scene.certificates();
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) => renew(scene, device, { transactionID: `T-${i}` }, 'early')),
    );
    expect(replies.filter(({ pkiStatus }) => pkiStatus === 'SUCCESS')).toHaveLength(1);
    expect(await scene.certificates()).toBe(before + 1);
  });

  it('refuses the others by CertRep, also those that cannot be judged as the enrolment that they say to be', async () => {
    const device = await enrolled(scene, 'old-key', { subject: 'O=Nobody' });
    const asEnrolment = { messageType: 'PKCSReq', key: DEVICE_KEY, challengePassword: 'secret' } as const;
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        renew(scene, device, { ...asEnrolment, transactionID: `Nobody-${i}` }, 'old-key'),
      ),
    );
    expect(replies.filter(({ pkiStatus }) => pkiStatus === 'SUCCESS')).toHaveLength(1);
  });

  it('gives many equal renewals at once one and the same certificate', async () => {
    const device = await enrolled(scene, 'early');
    const replies = await Promise.all(Array.from({ length: 10 }, () => renew(scene, device, {}, 'early')));
    expect(new Set(replies.map(serialOf)).size).toBe(1);
  });
});

it('a self-signed RenewalReq is a PKCSReq where the device profile says so (OpenSCEP)', async () => {
  await scene.createAlias('openscep', { deviceProfile: 'openscep', renewal: { enabled: false } });
  await scene.register('openscep-1', 'secret');
  const changes = { messageType: 'RenewalReq' } as const;
  expect(await scene.enrol('CN=openscep-1', 'wrong', changes, 'openscep')).toMatchObject({ pkiStatus: 'FAILURE' });
  expect(await verdictOn(scene)).toBe('challenge.wrong');
  issued(await scene.enrol('CN=openscep-1', 'secret', changes, 'openscep'));
});
