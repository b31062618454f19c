import { TestSigningKey } from '../../../test/support/test-signing-key';
import { Certificate } from './certificate';
import { buildCertificate } from './certificate-builder';
import { DistinguishedName } from './distinguished-name';
import { basicConstraints, extensions, keyUsage } from './extension';
import { pathProblem } from './path-validation';

const keys = {
  root: TestSigningKey.ec(),
  sub: TestSigningKey.ec(),
  leaf: TestSigningKey.ec(),
  other: TestSigningKey.ec(),
};
const AT = new Date('2026-06-01T00:00:00Z');

interface Made {
  readonly subject: string;
  readonly key: TestSigningKey;
  readonly issuer: string;
  readonly signer: TestSigningKey;
  readonly ca?: boolean;
  readonly notAfter?: string;
}

const make = async ({ subject, key, issuer, signer, ca = true, notAfter = '2027-01-01' }: Made): Promise<Certificate> =>
  Certificate.read(
    await buildCertificate({
      serialNumber: Buffer.of(1, subject.length, issuer.length),
      issuer: DistinguishedName.parse(`CN=${issuer}`),
      subject: DistinguishedName.parse(`CN=${subject}`),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date(`${notAfter}T00:00:00Z`),
      spki: key.publicKey.spki,
      extensions: extensions([basicConstraints(ca), keyUsage(ca ? ['keyCertSign', 'cRLSign'] : ['digitalSignature'])]),
      signer,
      digest: 'sha256',
    }),
  );

let root: Certificate;
let sub: Certificate;
let leaf: Certificate;

beforeAll(async () => {
  root = await make({ subject: 'Maker root', key: keys.root, issuer: 'Maker root', signer: keys.root });
  sub = await make({ subject: 'Maker', key: keys.sub, issuer: 'Maker root', signer: keys.root });
  leaf = await make({ subject: 'device', key: keys.leaf, issuer: 'Maker', signer: keys.sub, ca: false });
});

const problem = (changes: { leaf?: Certificate; others?: Certificate[]; anchors?: Certificate[]; at?: Date } = {}) =>
  pathProblem({ leaf, others: [sub], anchors: [root], at: AT, ...changes });

describe('a certification path', () => {
  it('leads to the root, whatever else came along', async () => {
    const stranger = await make({ subject: 'stranger', key: keys.other, issuer: 'stranger', signer: keys.other });
    expect(await problem()).toBeUndefined();
    expect(await problem({ others: [leaf, stranger, root, sub] })).toBeUndefined();
  });

  it.each<[string, () => Parameters<typeof problem>[0] | Promise<Parameters<typeof problem>[0]>]>([
    ['the issuer did not come along', () => ({ others: [] })],
    ['nobody is trusted', () => ({ anchors: [] })],
    [
      'it ends at another root',
      async () => ({
        anchors: [await make({ subject: 'Maker root', key: keys.other, issuer: 'Maker root', signer: keys.other })],
      }),
    ],
    ['the time is over', () => ({ at: new Date('2028-01-01T00:00:00Z') })],
    ['the time has not come', () => ({ at: new Date('2025-01-01T00:00:00Z') })],
    [
      'the issuer is no CA',
      async () => ({
        others: [await make({ subject: 'Maker', key: keys.sub, issuer: 'Maker root', signer: keys.root, ca: false })],
      }),
    ],
    [
      'the issuer has expired',
      async () => ({
        others: [
          await make({
            subject: 'Maker',
            key: keys.sub,
            issuer: 'Maker root',
            signer: keys.root,
            notAfter: '2026-02-01',
          }),
        ],
      }),
    ],
    [
      'the name is right and the signature is not',
      async () => ({
        leaf: await make({ subject: 'device', key: keys.leaf, issuer: 'Maker', signer: keys.other, ca: false }),
      }),
    ],
    [
      'it has signed itself',
      async () => ({
        leaf: await make({ subject: 'device', key: keys.leaf, issuer: 'device', signer: keys.leaf, ca: false }),
      }),
    ],
    ['more came along than anybody needs', () => ({ others: Array.from({ length: 11 }, () => sub) })],
  ])('does not, where %s', async (_, changes) => {
    expect(await problem(await changes())).toEqual(expect.any(String));
  });
});
