import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from '../../src/common/error-code';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { scepAnswer } from '../../src/scep/operations/scep-answer';
import { ApprovalDesk } from '../support/approvals';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { importRecipient, sendVector } from '../support/recorded-gateway';
import { loadVector, type MessageVector } from '../support/vectors';

/** A message of a foreign client that gets the code, and what it takes besides. */
interface ByVector {
  readonly vector: string;
  /** Of its alias, which accepts the vector's algorithms and has its recipient as authority otherwise. */
  readonly settings?: object;
  /** The end entity that is registered, if there is to be one. */
  readonly username?: string;
  readonly enrolmentCode?: string;
  readonly certificateProfile?: string;
  /** What happens between the first time that it comes and the second, which gets the code. */
  readonly meanwhile?: (username: string) => Promise<unknown>;
  readonly path?: string;
  /** Changes the octets of the message. */
  readonly alter?: (bytes: Buffer) => Buffer;
}

/** The code of a request whose line alone is wrong. */
interface ByRequestLine {
  readonly line: readonly [method: string, query: string];
}

/** The code of a state of the gateway; no message can bring it about. */
interface ByState {
  readonly state: string;
}

/** A code that nothing on a device's way knows. */
interface NotForDevices {
  readonly notForDevices: string;
}

let scene: EnrolmentScene;
let desk: ApprovalDesk;

const ADMINISTRATION: NotForDevices = { notForDevices: 'what administrators ask for is refused so' };
const ENROL = 'sscep/0.10.0-enrol';

const CASES: Readonly<Record<ErrorCode, ByVector | ByRequestLine | ByState | NotForDevices>> = {
  'alias-not-found': { vector: ENROL, path: '/scep/nobody/pkiclient.exe' },
  'operation-not-supported': { line: ['GET', '?operation=GetNothing'] },
  'method-not-allowed': { line: ['PUT', '?operation=PKIOperation'] },
  'not-a-pki-message': { vector: 'sscep/0.10.0-cut' },
  'message-too-large': { vector: ENROL, alter: (bytes) => Buffer.concat([bytes, Buffer.alloc(300_000)]) },
  'no-next-ca-certificate': { line: ['GET', '?operation=GetNextCACert'] },
  'malformed-message': { vector: 'sscep/0.10.0-two-signers' },
  'message-type-not-supported': { vector: 'micromdm/2.1.0-certrep' },
  'bad-signature': { vector: 'sscep/0.10.0-altered' },
  'envelope-unreadable': { vector: ENROL, settings: { authorities: ['Devices'] } },
  'bad-proof-of-possession': { vector: 'sscep/0.10.0-no-proof' },
  'signer-key-mismatch': { vector: 'sscep/0.10.0-for-another-key' },
  'algorithm-not-allowed': { vector: 'sscep/0.9.1-enrol-md5-des', settings: { algorithms: undefined } },
  'key-not-allowed': {
    vector: 'strongswan/5.9.8-enrol',
    username: 'strongswan-sha384.example',
    enrolmentCode: 'secret',
    certificateProfile: 'LARGE',
  },
  'signing-time-skewed': { notForDevices: 'no alias judges the signing time: routers have no clock' },
  'challenge-rejected': { vector: 'jscep/3.0.0-enrol', username: 'jscep-3-ca.example', enrolmentCode: 'another' },
  'renewal-refused': { vector: 'micromdm/2.1.0-renew', settings: { renewal: { enabled: false } } },
  'request-refused': { vector: 'sscep/0.10.0-names-nobody' },
  'approval-rejected': {
    vector: 'certmonger/0.79.17-enrol-get',
    settings: { approval: { enrolment: true } },
    username: 'workstation-1',
    enrolmentCode: 'secret',
    meanwhile: (username) => desk.reject(username),
  },
  'transaction-unknown': { vector: 'strongswan/5.9.8-poll' },
  'certificate-unknown': { vector: 'sscep/0.10.0-getcert' },
  'alias-unavailable': {
    vector: ENROL,
    settings: {
      operationalMode: 'RA',
      challenge: { kind: 'static' },
      ra: { certificateProfile: 'OFF', authenticationPassword: 'secret' },
    },
  },
  'challenge-unavailable': { state: 'a foreign service that judges the challenge does not answer' },
  'authority-unavailable': { vector: ENROL, settings: { authorities: ['Waiting'] } },
  'outcome-unknown': { state: 'the database does not say whether a commit was done' },
  overloaded: { state: 'the database cannot be reached, or too much comes at once' },
  internal: { state: 'the gateway itself has failed' },
  unauthenticated: ADMINISTRATION,
  forbidden: ADMINISTRATION,
  'invalid-input': ADMINISTRATION,
  'not-found': { line: ['GET', '?operation=GetCACert&message=nobody'] },
  'already-exists': ADMINISTRATION,
  'in-use': ADMINISTRATION,
  conflict: ADMINISTRATION,
};

/** The cases of one kind, by a field that only that kind has. */
const casesOf = <T>(field: string): [ErrorCode, T][] =>
  Object.entries(CASES).filter(([, one]) => field in one) as unknown as [ErrorCode, T][];

beforeAll(async () => {
  // Without its database the gateway complains, and rightly.
  scene = await enrolmentScene({ environment: { LOG_LEVEL: 'fatal' } });
  desk = new ApprovalDesk(scene);
  await scene.createAuthority({ name: 'Waiting', subject: 'CN=Waiting', issuer: 'external' });
  await scene.createAlias('strict', { caIdentifierPolicy: 'strict' });
  const profiles = scene.gateway.application.get(CertificateProfileRegistry, { strict: false });
  await profiles.create('test', 'LARGE', { minimumRsaBits: 3072 });
  await profiles.create('test', 'OFF', { enabled: false });
});

afterAll(() => scene.close());

const recipients = new Set<string>();

/** An alias of the case's own with all that it needs. */
async function prepare(name: string, one: ByVector, vector: MessageVector): Promise<string> {
  const { recipient, digest, cipher, now } = vector;
  scene.clock.set(now);
  if (!recipients.has(recipient.name)) await importRecipient(scene.gateway, recipient, recipient.name);
  recipients.add(recipient.name);
  const algorithms = { accept: { digests: [digest], ciphers: [cipher] } };
  await scene.createAlias(name, { authorities: [recipient.name], algorithms, ...one.settings });
  const { username = '' } = one;
  if (one.enrolmentCode !== undefined)
    await scene.register(username, one.enrolmentCode, {
      authority: recipient.name,
      ...(one.certificateProfile && { certificateProfile: one.certificateProfile }),
    });
  return username;
}

describe('each code that a message can get is got by one of a foreign client', () => {
  it.each(casesOf<ByVector>('vector'))('%s', async (code, one) => {
    const recorded = loadVector(one.vector);
    const vector = { ...recorded, bytes: one.alter?.(recorded.bytes) ?? recorded.bytes };
    const username = await prepare(code, one, vector);
    const path = one.path ?? `/scep/${code}/pkiclient.exe`;
    if (one.meanwhile !== undefined) {
      expect((await sendVector(scene.gateway, vector, path)).status).toBe(200);
      await one.meanwhile(username);
      scene.clock.advance({ milliseconds: 1 });
    }
    const { status, body } = await sendVector(scene.gateway, vector, path);
    const answer = scepAnswer(code);
    if ('httpStatus' in answer) {
      expect(status).toBe(answer.httpStatus);
      return;
    }
    expect(status).toBe(200);
    expect(decodeCertRep(body)).toMatchObject({
      transactionID: vector.transactionID,
      outcome: { pkiStatus: 'FAILURE', failInfo: answer.failInfo },
      defects: [],
    });
    // Several codes have one failInfo: which of them it was says the log.
    const rows = (await scene.log()).filter(({ alias }) => alias === code);
    expect(rows.map(({ errorCode }) => errorCode)).toContain(code);
  });

  it('by clients of several families', () => {
    const clients = casesOf<ByVector>('vector').map(([, { vector }]) => vector.split('/')[0]);
    expect([...new Set(clients)].sort()).toEqual(['certmonger', 'jscep', 'micromdm', 'sscep', 'strongswan']);
  });
});

it.each(casesOf<ByRequestLine>('line'))('%s is got by a request line', async (code, { line }) => {
  const [method, query] = line;
  const { status } = await fetch(`${scene.url('strict')}${query}`, { method });
  expect(scepAnswer(code)).toEqual({ httpStatus: status });
});

describe('codes that nobody gets who sends messages', () => {
  /** What an administrator does, among what devices do. */
  const OFFICE = ['scep-answer.ts', 'approval-issuer.ts'];
  const DEVICE_ROOMS = ['scep', 'enrolment', 'pki', 'requests', 'device-profiles', 'listeners', 'crl-distribution'];
  const sources = DEVICE_ROOMS.flatMap((room) => {
    const root = join(__dirname, '../../src', room);
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.spec)\.ts$/.test(file) && !OFFICE.some((name) => file.endsWith(name)))
      .map((file) => readFileSync(join(root, file), 'utf8'));
  });

  const notForDevices = casesOf<NotForDevices>('notForDevices').map(([code, { notForDevices: why }]) => [code, why]);
  it.each(notForDevices)('%s is in no source that a message passes through: %s', (code) => {
    const thrown = new RegExp(`ServiceError\\(\\s*'${code}'`);
    expect(sources.filter((source) => thrown.test(source))).toEqual([]);
  });

  it.each(casesOf<ByState>('state').map(([code, { state }]) => [code, state] as const))(
    '%s has no CertRep, for the same message may succeed a little later: %s',
    (code) => {
      expect(scepAnswer(code)).toEqual({ httpStatus: 503 });
    },
  );

  it('without its database the gateway says so to whatever comes', async () => {
    const vector = loadVector(ENROL);
    scene.clock.set(vector.now);
    await scene.createAlias('later', {
      authorities: [vector.recipient.name],
      algorithms: { accept: { digests: [vector.digest], ciphers: [vector.cipher] } },
    });
    const path = '/scep/later/pkiclient.exe';
    expect((await sendVector(scene.gateway, vector, path)).status).toBe(200);
    await scene.gateway.database.close();
    const { status, head } = await sendVector(scene.gateway, vector, path);
    expect([status, /^retry-after: \d+\r$/im.test(head)]).toEqual([503, true]);
  });
});
