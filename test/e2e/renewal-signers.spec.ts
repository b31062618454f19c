import type { Enrolment, Identity } from '../../src/client/enrolment-message';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { CertificateProfileRegistry } from '../../src/profiles/certificate-profile.registry';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { DEVICE_KEY, enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { enrolled, knownAuthority, verdictOn, NEW_KEY, sql } from '../support/renewal';

/**
 * Who may renew: message type by signer by challenge by key (rows G-09 to G-11, G-13, I-33, N-10, N-13). The end entity is
 * open for one more enrolment in each case, so that whatever is let in as an enrolment shows.
 */
const TYPES = ['PKCSReq', 'RenewalReq'] as const;
const SIGNERS = [
  'self-signed',
  'own CA',
  'other CA',
  'other alias',
  'expired',
  'not yet valid',
  'revoked',
  'the CA itself',
  'forged in the name of the CA',
  'not issued by the CA, but signed',
] as const;
const CHALLENGES = { absent: undefined, empty: '', right: 'secret', wrong: 'wrong' } as const;
const KEYS = ['new', 'old'] as const;

type Type = (typeof TYPES)[number];
type Signer = (typeof SIGNERS)[number];
type Challenge = keyof typeof CHALLENGES;
type Key = (typeof KEYS)[number];

/** The rule that keeps a certificate that this alias renews in general from being renewed. */
const RENEWAL_RULES: Partial<Record<Signer, string>> = {
  'other alias': 'renewal.fromAliases',
  expired: 'renewal.graceAfterExpiry',
  'not yet valid': 'renewal.not-yet-valid',
  revoked: 'renewal.revoked',
  'not issued by the CA, but signed': 'renewal.certificate',
};

function expected(type: Type, signer: Signer, challenge: Challenge, key: Key): string {
  const selfSigned = signer === 'self-signed' || signer === 'the CA itself';
  const stranger = selfSigned || signer === 'other CA' || signer === 'forged in the name of the CA';
  if (type === 'RenewalReq' && stranger) return selfSigned ? 'renewal.self-signed' : 'renewal.fromAuthorities';
  if (stranger && key === 'new') return 'request.signer-key';
  if (signer === 'the CA itself' && challenge === 'right') return 'request.authority-key';
  if (stranger) return { right: 'issued', wrong: 'challenge.wrong', absent: MISSING, empty: MISSING }[challenge];
  const rule = RENEWAL_RULES[signer] ?? (key === 'old' ? 'renewal.allowOldKey' : undefined);
  if (rule === undefined) return 'issued';
  return type === 'PKCSReq' && key === 'old' && challenge === 'right' ? 'issued' : rule;
}
const MISSING = 'challenge.missing';

const CASES = TYPES.flatMap((type) =>
  SIGNERS.flatMap((signer) =>
    (Object.keys(CHALLENGES) as Challenge[]).flatMap((challenge) =>
      KEYS.map((key) => [type, signer, challenge, key, expected(type, signer, challenge, key)] as const),
    ),
  ),
);

let scene: EnrolmentScene;
let ca: Identity;
const DAY = 864e5;
const OTHER_KEY = PrivateKey.generateRsa(2048);

beforeAll(async () => {
  scene = await enrolmentScene();
  ca = await knownAuthority(scene, 'Known');
  await scene.createAuthority({ name: 'Others', subject: 'CN=Others' });
  await scene.createAlias('others', { authorities: ['Others'] });
  await scene.createAlias('elsewhere', { authorities: ['Known'] });
  await scene.createAlias('renewing', { authorities: ['Known'], renewal: { window: '100%' } });
  await scene.gateway.application
    .get(CertificateProfileRegistry, { strict: false })
    .create('test', 'DAY', { validity: '1d' });
});

afterAll(() => scene.close());

/** Who asks, and with whose signature. */
async function prepare(signer: Signer): Promise<{ username: string; identity: Identity | undefined }> {
  const open = { authority: 'Known', allowedRequests: 2 };
  const alias = signer === 'other alias' ? 'elsewhere' : 'renewing';
  const certificateProfile = signer === 'expired' ? { certificateProfile: 'DAY' } : {};
  const { username, ...own } = await enrolled(scene, alias, { ...open, ...certificateProfile });
  switch (signer) {
    case 'own CA':
    case 'other alias':
      break;
    case 'self-signed':
      return { username, identity: undefined };
    case 'other CA':
      return { username, identity: await enrolled(scene, 'others', { authority: 'Others' }) };
    case 'the CA itself':
      return { username, identity: ca };
    case 'forged in the name of the CA':
      return { username, identity: await lookalike(own.certificate, OTHER_KEY) };
    case 'not issued by the CA, but signed':
      // As an RA certificate is, or what somebody had the key certify behind the gateway's back.
      return { username, identity: await lookalike(own.certificate, ca.key) };
    case 'expired':
      scene.clock.advance({ days: 2 });
      break;
    case 'not yet valid':
      scene.clock.set(new Date(own.certificate.notBefore.getTime() - DAY / 24));
      break;
    case 'revoked':
      await sql(scene, 'update certificates set revoked_at = $2 where fingerprint = $1', [
        own.certificate.fingerprint('sha256'),
        scene.clock.now(),
      ]);
      break;
  }
  return { username, identity: own };
}

it.each(CASES)(
  'G-09, G-11, G-13, I-33, N-10, N-13: %s signed by: %s, challenge %s, %s key: %s',
  async (type, signer, challenge, key, verdict) => {
    const { username, identity } = await prepare(signer);
    const signed: Partial<Enrolment> =
      identity === undefined && key === 'new'
        ? { signer: await selfSigned(username) }
        : identity
          ? { signer: identity }
          : {};
    const own = identity?.key ?? DEVICE_KEY;
    const before = await scene.certificates();
    const reply = await scene.enrol(
      `CN=${username}`,
      '',
      {
        messageType: type,
        key: key === 'new' ? NEW_KEY : own,
        challengePassword: CHALLENGES[challenge],
        transactionID: `${username}-again`,
        ...signed,
      },
      'renewing',
    );
    expect(await verdictOn(scene, `${username}-again`)).toBe(verdict);
    expect(reply.pkiStatus).toBe(verdict === 'issued' ? 'SUCCESS' : 'FAILURE');
    expect(await scene.certificates()).toBe(before + (verdict === 'issued' ? 1 : 0));
    if (reply.pkiStatus === 'FAILURE')
      expect(reply.failInfo).toBe(verdict === 'request.signer-key' ? 'badMessageCheck' : 'badRequest');
    if (signer === 'not yet valid') scene.clock.advance({ days: 1 });
  },
);

/** A certificate for another key with issuer, serial number, subject and validity of one that was issued. */
async function lookalike({ subject, serialNumber, notBefore, notAfter }: Certificate, signer: PrivateKey) {
  const { spki } = OTHER_KEY.publicKey;
  const fixed = { issuer: ca.certificate.subject, subject, extensions: undefined, digest: 'sha256' } as const;
  const der = await buildCertificate({ ...fixed, serialNumber, notBefore, notAfter, spki, signer });
  return { certificate: Certificate.read(der), key: OTHER_KEY };
}

/** A self-signed certificate for `DEVICE_KEY`, taken from a message. */
async function selfSigned(username: string): Promise<Identity> {
  const { signer } = await scene.client().encode(
    {
      messageType: 'PKCSReq',
      subject: DistinguishedName.parse(`CN=${username}`),
      key: DEVICE_KEY,
      digest: 'sha256',
      cipher: 'aes128',
    },
    await scene.ca(),
  );
  return signer;
}
