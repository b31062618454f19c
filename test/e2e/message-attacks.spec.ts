import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { withElement } from '../support/der-mutation';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import {
  attribute,
  type ForgedIdentity,
  forgeIdentity,
  forgeMessage,
  type ForgedParts,
  OIDS,
  printable,
  tlv,
} from '../support/forged-message';
import { nameOf, REQUEST_OIDS, STRING_TYPES } from '../support/forged-request';
import { issued, sql, verdictOn } from '../support/renewal';

/*
 * What somebody sends who means harm and can sign: each is answered, with a refusal or with no more than it asks for, and
 * leaves the gateway as it was.
 */
const SECRET = 'secret';

let scene: EnrolmentScene;
let signer: ForgedIdentity;
let key: PrivateKey;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
  signer = await forgeIdentity('CN=attacker');
  key = new PrivateKey(signer.key);
  await scene.createAlias('twin', {});
  await scene.createAuthority({ name: 'Others', subject: 'CN=Others' });
  await scene.createAlias('others', { authorities: ['Others'] });
  await scene.createAlias('asked', { subjectSource: 'request' });
});

afterAll(() => scene.close());

async function user(more: object = {}): Promise<string> {
  const username = `device-${(users += 1)}`;
  await scene.register(username, SECRET, more);
  return username;
}

const answer = async (bytes: Buffer, alias?: string) => decodeCertRep((await scene.post(bytes, alias)).body);

/** A message of a fresh end entity, with these parts otherwise than they should be. */
async function forged(parts: Partial<ForgedParts> = {}): Promise<Buffer> {
  const { bytes } = await scene.message(`CN=${await user()}`, SECRET, { key });
  return forgeMessage({ signer, content: decodePkiMessage(bytes).envelope!, ...parts });
}

const named = (transactionID: Buffer): ForgedParts['attributes'] => {
  return (all) => Object.values({ ...all, transactionID: attribute(OIDS.transactionID, transactionID) });
};

describe('a transactionID', () => {
  it.each([
    `'; drop table certificates; --`,
    `\${jndi:ldap://127.0.0.1/a}`,
    '<img src=x onerror=alert(1)>',
    '{"level":60,"msg":"forged"}',
    '%0d%0aSet-Cookie: a=b',
    '../../../etc/passwd',
    `$1 \\' "`,
    '=HYPERLINK("http://127.0.0.1")',
  ])('that is %s is text, for the database, the log and the answer', async (text) => {
    const reply = await answer(await forged({ attributes: named(printable(text)) }));
    expect([reply.outcome.pkiStatus, reply.transactionID]).toEqual(['SUCCESS', text]);
    const [row] = await scene.log();
    expect(row).toMatchObject({ transactionID: text, outcome: 'issued' });
  });

  it('F-01: comes back octet by octet, in the string type that it had', async () => {
    for (const value of [
      STRING_TYPES.BMPString!('Grüße'),
      STRING_TYPES.T61String!('Grüße'),
      printable('a'.repeat(255)),
    ]) {
      const { body } = await scene.post(await forged({ attributes: named(value) }));
      expect(body.includes(value)).toBe(true);
    }
  });

  it.each([
    ['empty', printable('')],
    ['of 256 characters', printable('a'.repeat(256))],
    ['with a NUL', printable('a\0b')],
    ['with a line break', printable('a\nb')],
    ['with an escape sequence', printable('\x1b[2J')],
    ['a BMPString with half a surrogate pair', tlv(0x1e, Buffer.from('0041d800', 'hex'))],
    ['that turns the text around it', STRING_TYPES.UTF8String!('abc\u202egpj.exe')],
    ['with a line separator', STRING_TYPES.UTF8String!('a\u2028b')],
  ])('%s is refused', async (_, value) => {
    const { outcome } = await answer(await forged({ attributes: named(value) }));
    expect(outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect(await verdictOn(scene)).toBe('message.transaction-id');
  });

  it.each([
    ['UTF-8 that is none', tlv(0x0c, Buffer.of(0xc3, 0x28))],
    ['a BMPString of odd length', tlv(0x1e, Buffer.of(0, 0x41, 0))],
    ['an INTEGER', Buffer.of(2, 1, 7)],
  ])('%s is none at all', async (_, value) => {
    expect((await scene.post(await forged({ attributes: named(value) }))).status).toBe(400);
  });
});

describe('a message of somebody else, sent again', () => {
  it('to another alias of the same authority, gets nothing: the end entity is not open any more', async () => {
    const username = await user();
    const message = await scene.message(`CN=${username}`, SECRET);
    issued(await scene.send(message));
    const before = await scene.certificates();
    const { outcome } = await answer(message.bytes, 'twin');
    expect(outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect(await verdictOn(scene)).toBe('end-entity.status');
    expect(await scene.certificates()).toBe(before);
  });

  it('to an alias of another authority, cannot be opened there', async () => {
    const { outcome } = await answer((await scene.message(`CN=${await user()}`, SECRET)).bytes, 'others');
    expect(outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badMessageCheck' });
  });

  it('under another signature, is for the key of the first one', async () => {
    const { bytes } = await scene.message(`CN=${await user()}`, SECRET);
    const { outcome } = await answer(forgeMessage({ signer, content: decodePkiMessage(bytes).envelope! }));
    expect(outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badMessageCheck' });
    expect(await verdictOn(scene)).toBe('request.signer-key');
  });
});

describe('names', () => {
  it('the CA’s own is given to nobody, where devices choose their names', async () => {
    const subject = 'CN=Devices,O=Example';
    await scene.register('Devices', SECRET);
    expect(await scene.enrol(subject, SECRET, { key }, 'asked')).toMatchObject({ failInfo: 'badRequest' });
    expect(await verdictOn(scene)).toBe('request.authority-name');
    // In capitals it is the same name.
    await scene.register('DEVICES', SECRET);
    expect(await scene.enrol('CN=DEVICES,O=example', SECRET, { key }, 'asked')).toMatchObject({
      failInfo: 'badRequest',
    });
  });

  it.each(['bank.example\0.evil.example', 'a\x1b[31m', 'a\r\nb', 'elpmaxe\u202e', 'a\u2028b', '\u2066a'])(
    'with characters that cannot be seen are issued to nobody, and shown escaped: %j',
    async (text) => {
      const subject = DistinguishedName.of([
        [{ oid: '2.5.4.3', value: await user() }],
        [{ oid: '2.5.4.10', value: text }],
      ]);
      expect(await scene.enrol('CN=replaced', SECRET, { key, subject }, 'asked')).toMatchObject({
        pkiStatus: 'FAILURE',
        failInfo: 'badRequest',
      });
      const [row] = await scene.log();
      expect(row).toMatchObject({ rule: 'request.subject-characters', subject: expect.stringMatching(/^[ -~]+$/) });
    },
  );
});

describe('size', () => {
  it('a bag of 32 certificates is read, one of 33 is no message', async () => {
    const bag = (count: number) => Array<Buffer>(count).fill(signer.certificate.der);
    expect((await answer(await forged({ certificates: bag(32) }))).outcome.pkiStatus).toBe('SUCCESS');
    expect((await scene.post(await forged({ certificates: bag(33) }))).status).toBe(400);
  });

  it.each([
    ['65 attributes', (all: readonly Buffer[]) => [...all, ...Array<Buffer>(60).fill(attribute(OIDS.unknown, tlv(5)))]],
    [
      '17 values of one',
      (all: readonly Buffer[]) => [...all, attribute(OIDS.unknown, ...Array<Buffer>(17).fill(tlv(5)))],
    ],
  ])('%s are no message', async (_, attributes) => {
    expect((await scene.post(await forged({ attributes: (all) => attributes(Object.values(all)) }))).status).toBe(400);
  });

  it.each([
    ['100,000 levels of indefinite length', Buffer.from('3080'.repeat(100_000), 'hex')],
    ['120,000 elements', Buffer.concat([Buffer.of(0x30, 0x80), Buffer.alloc(240_000, '0500', 'hex'), Buffer.alloc(2)])],
    ['an OCTET STRING in 120,000 pieces', Buffer.concat([Buffer.of(0x24, 0x80), Buffer.alloc(240_000, '0400', 'hex')])],
    ['a length of 4 GiB', Buffer.from('3084ffffffff', 'hex')],
    ['a length of 2^1000', Buffer.concat([Buffer.of(0x30, 0xfe), Buffer.alloc(126, 0xff)])],
  ])('%s is no message', async (_, bytes) => {
    expect((await scene.post(bytes)).status).toBe(400);
  });

  it('names and numbers of 40 kB are answered, and kept in short', async () => {
    const long = STRING_TYPES.UTF8String!('\u0001'.repeat(40_000));
    const issuer = nameOf([REQUEST_OIDS.commonName, long]);
    const { der, issuer: own, serialNumber } = signer.certificate;
    const numbered = withElement(der, tlv(2, serialNumber), tlv(2, Buffer.alloc(40_000, 0x7f)));
    const certificate = Certificate.read(withElement(numbered, own.raw, issuer));
    const { outcome } = await answer(await forged({ signer: { key: signer.key, certificate } }));
    expect(outcome.pkiStatus).toBe('SUCCESS');
    const [row] = await scene.log();
    expect(JSON.stringify(row).length).toBeLessThan(10_000);
  });

  it('a name of 20 kB is shown to the officer in short', async () => {
    await scene.createAlias('waiting', { challenge: { kind: 'approval' } });
    const subject = DistinguishedName.of([
      [{ oid: '2.5.4.3', value: await user() }],
      [{ oid: '2.5.4.10', value: '\u0001'.repeat(20_000) }],
    ]);
    expect(await scene.enrol('CN=replaced', SECRET, { key, subject }, 'waiting')).toEqual({ pkiStatus: 'PENDING' });
    const rows = await sql(scene, 'select length(subject) as length from approvals');
    expect(rows).toEqual([{ length: 2000 }]);
  });

  it('a recipient with a number of 100 kB is nobody, and the log says so in short', async () => {
    const { certificates } = await scene.ca();
    const { issuer } = certificates[0]!;
    const recipient = tlv(0x30, issuer.raw, tlv(2, Buffer.alloc(100_000, 0x7f)));
    const transport = tlv(0x30, OIDS.rsaEncryption, Buffer.of(5, 0));
    const info = tlv(0x30, Buffer.of(2, 1, 0), recipient, transport, tlv(4, Buffer.alloc(256, 1)));
    const aes = tlv(0x30, tlv(6, Buffer.from('608648016503040102', 'hex')), tlv(4, Buffer.alloc(16)));
    const encrypted = tlv(0x30, OIDS.data, aes, tlv(0x80, Buffer.alloc(64)));
    const content = tlv(0x30, OIDS.envelopedData, tlv(0xa0, tlv(0x30, Buffer.of(2, 1, 0), tlv(0x31, info), encrypted)));
    expect((await answer(await forged({ content }))).outcome).toMatchObject({ failInfo: 'badMessageCheck' });
    const [row] = await scene.log();
    expect(JSON.stringify(row).length).toBeLessThan(10_000);
  });
});

it('after all of it, the tables are there and nobody has what they should not have', async () => {
  const rows = await sql<{ n: number }>(
    scene,
    `select count(*)::int as n from certificates where subject ~ '[^ -~]' or subject ilike 'CN=Devices,O=Example'`,
  );
  expect(rows).toEqual([{ n: 0 }]);
  expect(await scene.certificates()).toBeGreaterThan(0);
});
