import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import { buildCertificationRequest, CertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import {
  attribute,
  type ForgedIdentity,
  forgeIdentity,
  forgeMessage,
  type ForgedParts,
  OIDS,
  printable,
} from '../support/forged-message';

const SECRET = 'planted-secret-7f3a';

/** Shows that requests are looked at, and looked at in this form. */
const DEVICE_KEY_HASH = DEVICE_KEY.publicKey.hash.toString('hex');

let scene: EnrolmentScene;
let signer: ForgedIdentity;
let key: PrivateKey;
let envelope: Buffer;
const username = 'device-1';

beforeAll(async () => {
  scene = await enrolmentScene();
  signer = await forgeIdentity(`CN=${username}`);
  key = new PrivateKey(signer.key);
  await scene.register(username, SECRET);
  envelope = decodePkiMessage((await scene.message(`CN=${username}`, SECRET, { key })).bytes).envelope!;
});

afterAll(() => scene.close());

afterEach(async () => {
  // Whatever came: nothing was issued, and no status has changed.
  expect(await scene.certificates()).toBe(0);
  expect((await scene.endEntities.get(username)).status).toBe('NEW');
});

/** The answer to a message: what a device sees of it, and the rule that the log names. */
async function answer(bytes: Buffer) {
  const { status, contentType, body } = await scene.post(bytes);
  expect([status, contentType]).toEqual([200, 'application/x-pki-message']);
  const { outcome } = decodeCertRep(body);
  if (outcome.pkiStatus !== 'FAILURE') throw new Error(outcome.pkiStatus);
  const [entry] = await scene.log();
  expect(entry).toMatchObject({ outcome: 'refused' });
  return { failInfo: outcome.failInfo, text: outcome.failInfoText, rule: entry?.rule, explanation: entry?.explanation };
}

const forged = (parts: Partial<ForgedParts>) => answer(forgeMessage({ signer, content: envelope, ...parts }));

/** Answer to a forged message whose envelope holds these bytes. */
async function withContent(request: CertificationRequest, challenge = SECRET) {
  const message = await scene.message(`CN=${username}`, challenge, { key, request });
  return answer(message.bytes);
}

describe('rows E and section 4 of the attacks: a message that is refused gets a CertRep', () => {
  it('a tampered signature', async () => {
    const signature = (bytes: Buffer) =>
      Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) as number) ^ 1)]);
    expect(await forged({ signature })).toMatchObject({ failInfo: 'badMessageCheck' });
  });

  it('an attribute changed after the signature', async () => {
    const bytes = forgeMessage({ signer, content: envelope });
    const at = bytes.indexOf('forged-1');
    bytes.write('forged-2', at);
    expect(await answer(bytes)).toMatchObject({ failInfo: 'badMessageCheck' });
  });

  it('content changed after the signature', async () => {
    const bytes = forgeMessage({ signer, content: envelope });
    const at = bytes.indexOf(envelope);
    bytes[at + envelope.length - 1] = (bytes[at + envelope.length - 1] as number) ^ 1;
    expect(await answer(bytes)).toMatchObject({ failInfo: 'badMessageCheck' });
  });

  it('E-13: two SignerInfos', async () => {
    expect(await forged({ signerInfos: (info) => [info, info] })).toMatchObject({ failInfo: 'badRequest' });
  });

  it('E-10: a messageType twice', async () => {
    const twice = (all: Record<string, Buffer>) => [
      ...Object.values(all),
      attribute(OIDS.messageType, printable('19')),
    ];
    expect(await forged({ attributes: twice })).toMatchObject({ failInfo: 'badRequest' });
  });

  it('E-10: no messageType', async () => {
    expect(await forged({ attributes: ({ messageType: _, ...others }) => Object.values(others) })).toMatchObject({
      failInfo: 'badRequest',
    });
  });

  it('CVE-2026-30836: no messageType from 0 to 255 but PKCSReq gets anywhere', async () => {
    for (let type = 0; type < 256; type++) {
      if (type === 19) continue;
      const messageType = attribute(OIDS.messageType, printable(String(type)));
      const outcome = await forged({ attributes: (all) => Object.values({ ...all, messageType }) });
      // GetCert and GetCRL find nothing in what a PKCSReq holds, and CertPoll knows no such transaction.
      const failInfo = [20, 21, 22].includes(type) ? 'badCertId' : 'badRequest';
      expect([type, outcome.failInfo]).toEqual([type, failInfo]);
    }
  }, 60_000);

  it.each(['019', '19 ', '', '0x13', '-19'])('E-10: messageType %j', async (text) => {
    const messageType = attribute(OIDS.messageType, printable(text));
    expect(await forged({ attributes: (all) => Object.values({ ...all, messageType }) })).toMatchObject({
      failInfo: 'badRequest',
    });
  });

  it('E-09: no pkcsPKIEnvelope', async () => {
    expect(await forged({ content: null })).toMatchObject({ failInfo: 'badRequest' });
  });

  it('E-02: an envelope that is none', async () => {
    expect(await forged({ content: Buffer.from('3003020100', 'hex') })).toMatchObject({ failInfo: 'badMessageCheck' });
  });

  it('a plain request where the envelope belongs', async () => {
    const subject = DistinguishedName.parse(`CN=${username}`);
    const content = await buildCertificationRequest({
      subject,
      signer: key,
      challengePassword: SECRET,
      digest: 'sha256',
    });
    expect(await forged({ content })).toMatchObject({ failInfo: 'badMessageCheck' });
  });

  it('a transactionID with control characters', async () => {
    const transactionID = attribute(OIDS.transactionID, printable('a\r\nb'));
    expect(await forged({ attributes: (all) => Object.values({ ...all, transactionID }) })).toMatchObject({
      failInfo: 'badRequest',
    });
  });

  it('an envelope to somebody else, a wrong padding and content that cannot be read look the same', async () => {
    const foreign = await scene.message(`CN=${username}`, SECRET, { key });
    const toOther = decodePkiMessage(foreign.bytes).envelope!;
    const damagedKey = Buffer.from(toOther);
    const at = damagedKey.length - 900;
    damagedKey[at] = (damagedKey[at] as number) ^ 1;
    const damagedContent = Buffer.from(toOther);
    damagedContent[damagedContent.length - 1] = (damagedContent.at(-1) as number) ^ 1;
    const answers = [await forged({ content: damagedKey }), await forged({ content: damagedContent })];
    for (const { failInfo, text } of answers) expect([failInfo, text]).toEqual(['badMessageCheck', answers[0]?.text]);
  });
});

describe('the request itself', () => {
  it('for another key than the signer’s', async () => {
    const other = decodePkiMessage(
      (await scene.message(`CN=${username}`, SECRET, { key: DEVICE_KEY })).bytes,
    ).envelope!;
    expect(await forged({ content: other })).toMatchObject({ failInfo: 'badMessageCheck', rule: 'request.signer-key' });
  });

  it('G-03: without proof of possession', async () => {
    const subject = DistinguishedName.parse(`CN=${username}`);
    const der = Buffer.from(
      await buildCertificationRequest({ subject, signer: key, challengePassword: SECRET, digest: 'sha256' }),
    );
    der[der.length - 1] = (der.at(-1) as number) ^ 1;
    expect(await withContent(CertificationRequest.read(der))).toMatchObject({
      failInfo: 'badMessageCheck',
      rule: 'request.proof-of-possession',
    });
  });

  it('N-10: with an empty challengePassword, which is none', async () => {
    expect(await answer((await scene.message(`CN=${username}`, '', { key })).bytes)).toMatchObject({
      failInfo: 'badRequest',
      rule: 'challenge.missing',
    });
  });

  it.each(['O=Example', 'CN=\\00'])('with a subject that names nobody: %s', async (subject) => {
    expect(await answer((await scene.message(subject, SECRET, { key })).bytes)).toMatchObject({
      failInfo: 'badRequest',
      rule: 'request.username',
    });
  });

  it('with a challengePassword of 10 kB', async () => {
    expect(await answer((await scene.message(`CN=${username}`, 'x'.repeat(10_000), { key })).bytes)).toMatchObject({
      failInfo: 'badRequest',
    });
  });

  it('with a user name that is longer than an index of the database can hold', async () => {
    const name = randomBytes(2000).toString('hex');
    expect(await answer((await scene.message(`CN=${name},O=${name}`, SECRET, { key })).bytes)).toMatchObject({
      failInfo: 'badRequest',
      rule: 'end-entity.unknown',
    });
    const [entry] = await scene.log();
    expect(entry?.username).toBe(`${name.slice(0, 254)}…`);
  });

  it('CVE-2023-33266: with script, NUL and line breaks in its names, which the log shows escaped', async () => {
    const subject = `CN=nobody,O=<script>alert(1)</script>\\00\\0D\\0A`;
    await answer((await scene.message(subject, SECRET, { key })).bytes);
    const [entry] = await scene.log();
    expect(entry?.subject).not.toMatch(/\p{Cc}/u);
  });
});

describe('G-06, G-08, H-07, N-09: who is not entitled', () => {
  const refused = async (subject: string, password: string) =>
    answer((await scene.message(subject, password, { transactionID: 'same' })).bytes);

  it('learns the same from an unknown user, a wrong status, a wrong challenge and a lockout', async () => {
    await scene.register('generated-1', SECRET);
    await scene.endEntities.setStatus('test', 'generated-1', { status: 'GENERATED' });
    await scene.register('locked-1', SECRET);
    const answers = [await refused('CN=nobody', SECRET), await refused('CN=generated-1', SECRET)];
    for (let i = 0; i < 11; i++) answers.push(await refused('CN=locked-1', `wrong-${i}`));
    answers.push(await refused('CN=locked-1', SECRET));
    expect(new Set(answers.map(({ failInfo, text }) => `${failInfo} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ failInfo: 'badRequest' });
    expect(answers[0]?.text).toMatch(/administrator.*request log/);
    expect([answers.at(0)?.rule, answers.at(1)?.rule, answers.at(2)?.rule, answers.at(-1)?.rule]).toEqual([
      'end-entity.unknown',
      'end-entity.status',
      'challenge.wrong',
      'limits.lockout-of-source',
    ]);
    expect(answers.at(-1)?.explanation).toMatch(/refused until 2026-/);
  });

  it('is locked out for a time, or until an administrator says otherwise', async () => {
    await scene.register('locked-2', SECRET);
    const rule = async () => (await refused('CN=locked-2', 'wrong')).rule;
    const { failedAttempts } = ALIAS_DEFAULTS.limits;
    for (let i = 0; i < failedAttempts; i++) expect(await rule()).toBe('challenge.wrong');
    expect(await rule()).toBe('limits.lockout-of-source');
    await scene.endEntities.unlock('test', 'locked-2');
    expect(await rule()).toBe('challenge.wrong');
    for (let i = 1; i < failedAttempts; i++) await rule();
    expect(await rule()).toBe('limits.lockout-of-source');
    scene.clock.advance({ days: 1 });
    expect(await rule()).toBe('challenge.wrong');
  });
});

it('no secret is in the log, the audit trail or any other table, as text or as bytes', async () => {
  const dataSource = scene.gateway.application.get(DataSource);
  const tables = await dataSource.query<{ name: string }[]>(
    `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace`,
  );
  let dump = '';
  for (const { name } of tables) {
    const [row] = await dataSource.query<{ rows: string }[]>(`select json_agg(t)::text as rows from "${name}" t`);
    dump += row?.rows ?? '';
  }
  expect(dump).toContain(username);
  expect(dump).toContain(DEVICE_KEY_HASH);
  expect(dump).not.toContain(SECRET);
  expect(dump).not.toContain(Buffer.from(SECRET).toString('hex'));
});
