import { ApprovalService } from '../../src/approvals/approval.service';
import { ApprovalRepository } from '../../src/approvals/approval.repository';
import { AliasCatalogue } from '../../src/aliases/alias-catalogue';
import type { OneTimeBinding } from '../../src/challenges/one-time/one-time-binding';
import { OneTimeChallengeEntity } from '../../src/challenges/one-time/one-time-challenge.entity';
import { OneTimeChallenges } from '../../src/challenges/one-time/one-time-challenges';
import { EndEntityStatusInput } from '../../src/end-entities/end-entity.input';
import type { EnrolmentReply } from '../../src/client/enrolment-message';
import { basicConstraints, keyUsage, subjectAltName } from '../../src/pki/x509/extension';
import type { RequestEntity } from '../../src/requests/request.entity';
import { DataSource } from 'typeorm';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { issued, renew } from '../support/renewal';
import { RestClient } from '../support/rest-client';

let scene: EnrolmentScene;
const get = <T>(type: abstract new (...parameters: never[]) => T): T =>
  scene.gateway.application.get(type, { strict: false });

beforeAll(async () => {
  scene = await enrolmentScene();
  await new RestClient(scene.gateway).post('certificate-profiles', { name: 'PHONES' });
  const challenge = { kind: 'one-time' };
  await scene.createAlias('otp', { challenge, subjectSource: 'request' });
  await scene.createAlias('other', { challenge });
  await scene.createAlias('officer', { challenge, approval: { enrolment: true } });
  await scene.createAlias('renewing', { challenge, renewal: { challengeRequired: true, window: '100%' } });
});
afterAll(() => scene.close());

/** A fresh challenge of an alias. */
async function issue(binding: OneTimeBinding = {}, aliasName = 'otp'): Promise<{ id: string; challenge: string }> {
  const aliasId = (await get(AliasCatalogue).get()).byName(aliasName)!.id;
  const order = { aliasId, aliasName, format: 'base64url', lifetimeSeconds: 3600, maximum: 1000, binding } as const;
  const { id, challengePassword } = await get(OneTimeChallenges).issue({ ...order, issuedBy: 'test' });
  return { id, challenge: challengePassword };
}
const stored = (id: string): Promise<OneTimeChallengeEntity> =>
  get(DataSource).getRepository(OneTimeChallengeEntity).findOneByOrFail({ id });
const latest = async (): Promise<RequestEntity> => (await scene.log())[0]!;
const register = async (...usernames: string[]): Promise<void> => {
  for (const username of usernames) await scene.register(username, 'not asked for');
};
const outcomeOf = ({ pkiStatus }: EnrolmentReply): string => pkiStatus;
const refusal = (reply: EnrolmentReply): unknown =>
  reply.pkiStatus === 'FAILURE' ? [reply.failInfo, reply.failInfoText] : reply;
const certificateOf = (reply: EnrolmentReply): string =>
  reply.pkiStatus === 'SUCCESS' ? reply.certificate.serialHex : reply.pkiStatus;

test('G-08: a challenge is good for one certificate, and whoever comes later is told what a wrong one is told', async () => {
  await register('once-1', 'once-2');
  const { id, challenge } = await issue();
  const reply = await scene.enrol('CN=once-1', challenge, {}, 'otp');
  expect(outcomeOf(reply)).toBe('SUCCESS');
  expect(await stored(id)).toMatchObject({ state: 'used', usedBy: (await latest()).id });
  const again = await scene.enrol('CN=once-2', challenge, {}, 'otp');
  expect(await latest()).toMatchObject({ rule: 'challenge.oneTime.used', username: 'once-2' });
  const wrong = await scene.enrol('CN=once-2', 'wrong', {}, 'otp');
  expect(await latest()).toMatchObject({ rule: 'challenge.wrong' });
  expect(refusal(again)).toEqual(refusal(wrong));
  expect(JSON.stringify(await scene.log())).not.toContain(challenge);
});

test('the same transaction gets the same certificate, byte for byte or newly signed, and burns no second challenge', async () => {
  await register('repeat-1');
  const first = await issue();
  const second = await issue();
  const message = await scene.message('CN=repeat-1', first.challenge, { transactionID: 'R-1' }, 'otp');
  const [reply, copy] = [await scene.send(message, 'otp'), await scene.send(message, 'otp')];
  const anew = await scene.enrol('CN=repeat-1', second.challenge, { transactionID: 'R-1' }, 'otp');
  expect(outcomeOf(reply)).toBe('SUCCESS');
  expect([copy, anew].map(certificateOf)).toEqual([certificateOf(reply), certificateOf(reply)]);
  expect(await stored(second.id)).toMatchObject({ state: 'outstanding' });
});

test('of a hundred who use one challenge at once one gets a certificate', async () => {
  const usernames = Array.from({ length: 100 }, (_, index) => `race-${index}`);
  await register(...usernames);
  const { id, challenge } = await issue();
  const before = await scene.certificates();
  const messages = await Promise.all(
    usernames.map((username) => scene.message(`CN=${username}`, challenge, {}, 'otp')),
  );
  const replies = await Promise.all(messages.map((message) => scene.send(message, 'otp')));
  expect(replies.map(outcomeOf).filter((status) => status === 'SUCCESS')).toHaveLength(1);
  expect(await scene.certificates()).toBe(before + 1);
  expect(await stored(id)).toMatchObject({ state: 'used' });
});

describe('a challenge that is bound (VU#971035)', () => {
  const extensions = [subjectAltName([{ type: 'dns', value: 'bound.example.org' }], false)];
  const binding: OneTimeBinding = {
    subject: 'CN=bound-1',
    subjectAltNames: [{ type: 'dns', value: 'bound.example.org' }],
  };
  beforeAll(() => register('bound-1', 'bound-2', 'bound-3', 'bound-4', 'bound-5'));

  test.each([
    ['another name', 'CN=bound-2', { extensions }, 'challenge.oneTime.subject'],
    ['a name that nobody has', 'CN=nobody', { extensions }, 'challenge.oneTime.subject'],
    ['another attribute', 'CN=bound-1,O=Other', { extensions }, 'challenge.oneTime.subject'],
    ['no subjectAltName', 'CN=bound-1', {}, 'challenge.oneTime.subjectAltNames'],
    [
      'another subjectAltName',
      'CN=bound-1',
      { extensions: [subjectAltName([{ type: 'dns', value: 'ca.example.org' }], false)] },
      'challenge.oneTime.subjectAltNames',
    ],
  ])('is not used up, but is nearer to its end, by %s', async (_, subject, changes, rule) => {
    const { id, challenge } = await issue(binding);
    const reply = await scene.enrol(subject, challenge, changes, 'otp');
    expect(refusal(reply)).toEqual(refusal(await scene.enrol(subject, 'wrong', changes, 'otp')));
    expect((await scene.log())[1]).toMatchObject({ rule, explanation: expect.stringContaining('bound') as unknown });
    expect(await stored(id)).toMatchObject({ state: 'outstanding', failedAttempts: 1 });
  });

  test('lets in whom it is bound to after some that it is not, and is burnt by too many', async () => {
    const { id, challenge } = await issue({ subject: 'CN=Bound-3' });
    for (let attempt = 1; attempt < 5; attempt++) await scene.enrol('CN=bound-4', challenge, {}, 'otp');
    expect(await stored(id)).toMatchObject({ state: 'outstanding', failedAttempts: 4 });
    expect(outcomeOf(await scene.enrol('CN=bound-3', challenge, {}, 'otp'))).toBe('SUCCESS');
    const burnt = await issue({ subject: 'CN=bound-5' });
    for (let attempt = 1; attempt <= 5; attempt++) await scene.enrol('CN=nobody', burnt.challenge, {}, 'otp');
    expect(await stored(burnt.id)).toMatchObject({ state: 'burnt', failedAttempts: 5 });
    await scene.enrol('CN=bound-5', burnt.challenge, {}, 'otp');
    expect(await latest()).toMatchObject({ rule: 'challenge.oneTime.burnt' });
  });

  test('to a user name says whose certificate it is, under the subject that it is bound to as well', async () => {
    await register('phone-of-john');
    const byName = await issue({ username: 'phone-of-john' });
    await scene.enrol('CN=bound-2', byName.challenge, {}, 'otp');
    expect(await latest()).toMatchObject({ rule: 'challenge.oneTime.username' });
    const { challenge } = await issue({ username: 'phone-of-john', subject: 'CN=John Doe,O=Example' });
    expect(outcomeOf(await scene.enrol('CN=John Doe,O=Example', challenge, {}, 'otp'))).toBe('SUCCESS');
    expect(await latest()).toMatchObject({ username: 'phone-of-john' });
  });

  test('to another alias is unknown', async () => {
    const { id, challenge } = await issue({}, 'other');
    await scene.enrol('CN=bound-2', challenge, {}, 'otp');
    expect(await latest()).toMatchObject({ rule: 'challenge.wrong' });
    expect(await stored(id)).toMatchObject({ state: 'outstanding', failedAttempts: 0 });
  });
});

test('a challenge that is bound to a certificate profile has its certificate issued by that', async () => {
  await register('by-profile');
  const { challenge } = await issue({ certificateProfile: 'PHONES' });
  expect(outcomeOf(await scene.enrol('CN=by-profile', challenge, {}, 'otp'))).toBe('SUCCESS');
  const query = `select certificate_profile from certificates where username = 'by-profile'`;
  expect(await get(DataSource).query(query)).toEqual([{ certificate_profile: 'PHONES' }]);
});

test('a refusal for another reason uses nothing up', async () => {
  await register('early-1');
  const status = (name: string): Promise<unknown> =>
    scene.endEntities.setStatus('test', 'early-1', Object.assign(new EndEntityStatusInput(), { status: name }));
  await status('HISTORICAL');
  const { id, challenge } = await issue();
  await scene.enrol('CN=early-1', challenge, {}, 'otp');
  expect(await latest()).toMatchObject({ rule: 'end-entity.status' });
  expect(await stored(id)).toMatchObject({ state: 'outstanding', failedAttempts: 0 });
  await status('NEW');
  expect(outcomeOf(await scene.enrol('CN=early-1', challenge, {}, 'otp'))).toBe('SUCCESS');
});

test('a renewal that needs one uses it up, and one that goes wrong does not', async () => {
  await register('renews-1');
  const first = issued(await scene.enrol('CN=renews-1', (await issue({}, 'renewing')).challenge, {}, 'renewing'));
  const signer = { certificate: first.certificate, key: DEVICE_KEY };
  const { id, challenge } = await issue({}, 'renewing');
  const other = { challengePassword: challenge, subject: DistinguishedName.parse('CN=renews-2') };
  expect(outcomeOf(await renew(scene, signer, other, 'renewing'))).toBe('FAILURE');
  expect(await stored(id)).toMatchObject({ state: 'outstanding' });
  expect(outcomeOf(await renew(scene, signer, { challengePassword: challenge }, 'renewing'))).toBe('SUCCESS');
  expect(await stored(id)).toMatchObject({ state: 'used', usedBy: (await latest()).id });
});

test('it ends with its time', async () => {
  await register('late-1');
  const { challenge } = await issue();
  scene.clock.advance({ hours: 1 });
  await scene.enrol('CN=late-1', challenge, {}, 'otp');
  expect(await latest()).toMatchObject({ rule: 'challenge.oneTime.expired' });
});

describe('in RA mode', () => {
  const registered = async (): Promise<{ username: string; subject: string }[]> =>
    get(DataSource).query(`select username, subject from end_entities where username like 'ra-%' order by username`);
  const forget = (): Promise<unknown> => get(DataSource).query(`delete from end_entities where username like 'ra-%'`);
  beforeAll(() =>
    scene.createAlias('ra', { operationalMode: 'RA', challenge: { kind: 'one-time', oneTime: { failedAttempts: 2 } } }),
  );
  afterEach(forget);

  test('of many who use one challenge at once, each for a device of its own, one is registered', async () => {
    const { challenge } = await issue({}, 'ra');
    const names = Array.from({ length: 30 }, (_, index) => `CN=ra-${index}`);
    const messages = await Promise.all(names.map((name) => scene.message(name, challenge, {}, 'ra')));
    const replies = await Promise.all(messages.map((message) => scene.send(message, 'ra')));
    expect(replies.map(outcomeOf).filter((status) => status === 'SUCCESS')).toHaveLength(1);
    expect(await registered()).toHaveLength(1);
  });

  test("devices with a challenge each do not get in each other's way", async () => {
    const replies = await Promise.all(
      Array.from({ length: 10 }, async (_, index) =>
        scene.enrol(`CN=ra-${index}`, (await issue({}, 'ra')).challenge, {}, 'ra'),
      ),
    );
    expect(new Set(replies.map(outcomeOf))).toEqual(new Set(['SUCCESS']));
  });

  test('it says what the end entity is called and by which profile it gets its certificate', async () => {
    const binding = { subject: 'CN=John Doe,O=Example', username: 'ra-john', certificateProfile: 'PHONES' };
    const { challenge } = await issue(binding, 'ra');
    expect(outcomeOf(await scene.enrol('CN=John Doe,O=Example', challenge, {}, 'ra'))).toBe('SUCCESS');
    expect(await registered()).toEqual([{ username: 'ra-john', subject: 'CN=John Doe,O=Example' }]);
    expect(await latest()).toMatchObject({ username: 'ra-john' });
    const query = `select certificate_profile from certificates where username = 'ra-john'`;
    expect(await get(DataSource).query(query)).toEqual([{ certificate_profile: 'PHONES' }]);
  });

  test('one that is bound to a device lets that enrol again, and another device never', async () => {
    let transactions = 0;
    const again = async (subject: string, binding: OneTimeBinding): Promise<string> => {
      const { challenge } = await issue(binding, 'ra');
      // Else it would be a repeat, which gets what it has got.
      const changes = { transactionID: `again-${(transactions += 1)}` };
      return outcomeOf(await scene.enrol(subject, challenge, changes, 'ra'));
    };
    expect(await again('CN=ra-phone', {})).toBe('SUCCESS');
    expect(await again('CN=ra-phone', {})).toBe('FAILURE');
    expect(await again('CN=ra-phone', { subject: 'CN=ra-phone' })).toBe('SUCCESS');
    expect(await again('CN=ra-phone', { subject: 'CN=ra-other' })).toBe('FAILURE');
    expect(await latest()).toMatchObject({ rule: 'challenge.oneTime.subject' });
  });

  test('what it is bound to is not used for another name, which registers nobody (VU#971035)', async () => {
    const { id, challenge } = await issue({ subject: 'CN=ra-right' }, 'ra');
    await scene.enrol('CN=ra-wrong', challenge, {}, 'ra');
    expect(await stored(id)).toMatchObject({ state: 'outstanding', failedAttempts: 1 });
    expect(await registered()).toEqual([]);
    await scene.enrol('CN=ra-wrong', challenge, {}, 'ra');
    expect(await stored(id)).toMatchObject({ state: 'burnt' });
  });
});

test('a right challenge gets no key usage, purpose or CA rights beyond the profile (VU#971035)', async () => {
  await register('modest');
  const { challenge } = await issue();
  const asked = [keyUsage(['keyCertSign', 'cRLSign', 'keyAgreement']), basicConstraints(true)];
  const { certificate } = issued(await scene.enrol('CN=modest', challenge, { extensions: asked }, 'otp'));
  expect([...certificate.keyUsage!].sort()).toEqual(['digitalSignature', 'keyEncipherment']);
  expect(certificate.isCa).toBe(false);
});

describe('where an officer decides', () => {
  beforeAll(() => register('waits-1', 'waits-2', 'waits-3'));

  test('waiting uses it up, and a rejection does not give it back', async () => {
    const { id, challenge } = await issue({}, 'officer');
    const message = await scene.message('CN=waits-1', challenge, {}, 'officer');
    expect(outcomeOf(await scene.send(message, 'officer'))).toBe('PENDING');
    expect(await stored(id)).toMatchObject({ state: 'used', usedBy: (await latest()).id });
    expect(outcomeOf(await scene.send(message, 'officer'))).toBe('PENDING');
    const [approval] = await get(ApprovalRepository).list({ username: 'waits-1', now: scene.clock.now() }, 1);
    await get(ApprovalService).reject('test', approval!.id, { reason: 'no', tellDevice: false });
    await scene.enrol('CN=waits-1', challenge, {}, 'officer');
    expect(await latest()).toMatchObject({ rule: 'challenge.oneTime.used' });
  });

  test('a certificate profile that it is bound to is nothing for an officer, who would not see it', async () => {
    const { id, challenge } = await issue({ certificateProfile: 'ENDUSER' }, 'officer');
    expect(outcomeOf(await scene.enrol('CN=waits-2', challenge, {}, 'officer'))).toBe('FAILURE');
    expect(await latest()).toMatchObject({ rule: 'challenge.content' });
    expect(await stored(id)).toMatchObject({ state: 'outstanding' });
  });

  test('of two who use one at once one waits', async () => {
    const { challenge } = await issue({}, 'officer');
    const messages = [
      await scene.message('CN=waits-2', challenge, {}, 'officer'),
      await scene.message('CN=waits-3', challenge, {}, 'officer'),
    ];
    const replies = await Promise.all(messages.map((message) => scene.send(message, 'officer')));
    expect(replies.map(outcomeOf).sort()).toEqual(['FAILURE', 'PENDING']);
  });
});
