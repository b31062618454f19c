import { TestSigningKey } from '../../../test/support/test-signing-key';
import { Certificate } from './certificate';
import { buildCertificate } from './certificate-builder';
import { buildChain, isIssuedBy } from './certificate-chain';
import { DistinguishedName } from './distinguished-name';
import { authorityKeyIdentifier, extensions, keyIdentifier, subjectKeyIdentifier } from './extension';

const keys = {
  root: TestSigningKey.ec(),
  sub: TestSigningKey.ec(),
  leaf: TestSigningKey.ec(),
  other: TestSigningKey.ec(),
};

async function issue(
  subject: string,
  key: TestSigningKey,
  issuer: string,
  signer: TestSigningKey,
  identifiers = true,
): Promise<Certificate> {
  const list = [subjectKeyIdentifier(key.publicKey.spki), authorityKeyIdentifier(keyIdentifier(signer.publicKey.spki))];
  return Certificate.read(
    await buildCertificate({
      serialNumber: Buffer.of(1),
      issuer: DistinguishedName.parse(`CN=${issuer}`),
      subject: DistinguishedName.parse(`CN=${subject}`),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2027-01-01T00:00:00Z'),
      spki: key.publicKey.spki,
      extensions: identifiers ? extensions(list) : undefined,
      signer,
      digest: 'sha256',
    }),
  );
}

describe('isIssuedBy', () => {
  it('wants name, key identifier and signature', async () => {
    const root = await issue('root', keys.root, 'root', keys.root);
    const leaf = await issue('leaf', keys.leaf, 'ROOT', keys.root);
    expect(isIssuedBy(leaf, root)).toBe(true);
    expect(isIssuedBy(root, root)).toBe(true);
    expect(isIssuedBy(root, leaf)).toBe(false);
    expect(isIssuedBy(await issue('leaf', keys.leaf, 'else', keys.root), root)).toBe(false);
    expect(isIssuedBy(await issue('leaf', keys.leaf, 'root', keys.other), root)).toBe(false);
  });

  it('does without key identifiers', async () => {
    const root = await issue('root', keys.root, 'root', keys.root, false);
    expect(isIssuedBy(await issue('leaf', keys.leaf, 'root', keys.root, false), root)).toBe(true);
    expect(isIssuedBy(await issue('leaf', keys.leaf, 'root', keys.root), root)).toBe(true);
    expect(isIssuedBy(await issue('leaf', keys.leaf, 'root', keys.other, false), root)).toBe(false);
  });
});

describe('buildChain', () => {
  it('goes from the leaf to the root, whatever the order of the pool', async () => {
    const root = await issue('root', keys.root, 'root', keys.root);
    const sub = await issue('sub', keys.sub, 'root', keys.root);
    const leaf = await issue('leaf', keys.leaf, 'sub', keys.sub);
    const stranger = await issue('sub', keys.other, 'root', keys.root);
    expect(buildChain(leaf, [stranger, root, leaf, sub])).toEqual([leaf, sub, root]);
    expect(buildChain(root, [sub, root])).toEqual([root]);
    expect(buildChain(leaf, [root])).toEqual([leaf]);
  });

  it('ends where two authorities certify each other', async () => {
    const one = await issue('one', keys.root, 'two', keys.sub);
    const two = await issue('two', keys.sub, 'one', keys.root);
    expect(buildChain(one, [one, two])).toEqual([one, two]);
    expect(buildChain(await issue('leaf', keys.leaf, 'one', keys.root), [one, two])).toHaveLength(3);
  });
});
