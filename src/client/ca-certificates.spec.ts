import { certsOnly } from '../pki/cms/degenerate';
import { PrivateKey } from '../pki/cms/private-key';
import { Certificate } from '../pki/x509/certificate';
import { buildCertificate } from '../pki/x509/certificate-builder';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { basicConstraints, extensions, keyUsage, type KeyUsageBit } from '../pki/x509/extension';
import { readCaCertificates } from './ca-certificates';

const rootKey = PrivateKey.generateRsa(2048);
const issuingKey = PrivateKey.generateRsa(2048);
const raKey = PrivateKey.generateRsa(2048);
let serial = 1;

async function certify(
  subject: string,
  key: PrivateKey,
  issuer: { name: string; key: PrivateKey },
  ca: boolean,
  usage?: KeyUsageBit[],
): Promise<Certificate> {
  const der = await buildCertificate({
    serialNumber: Buffer.of(serial++),
    issuer: DistinguishedName.parse(issuer.name),
    subject: DistinguishedName.parse(subject),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    spki: key.publicKey.spki,
    extensions: extensions([basicConstraints(ca), ...(usage === undefined ? [] : [keyUsage(usage)])]),
    signer: issuer.key,
    digest: 'sha256',
  });
  return Certificate.read(der);
}

const root = { name: 'CN=Root', key: rootKey };
const issuing = { name: 'CN=Issuing', key: issuingKey };

/** Every order of a few things. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((first, i) => orders(list.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}

describe('readCaCertificates', () => {
  let rootCertificate: Certificate;
  let issuingCertificate: Certificate;
  beforeAll(async () => {
    rootCertificate = await certify(root.name, rootKey, root, true, ['keyCertSign']);
    issuingCertificate = await certify(issuing.name, issuingKey, root, true);
  });

  it('C-02: reads a single certificate, which then plays all parts', () => {
    const read = readCaCertificates(rootCertificate.der);
    expect(read.issuer.der).toEqual(rootCertificate.der);
    expect(read.recipient).toBe(read.issuer);
    expect(read.signers).toEqual([read.issuer]);
  });

  it('C-03, C-04: finds the issuing CA under the root in either order', () => {
    for (const order of orders([rootCertificate, issuingCertificate])) {
      const read = readCaCertificates(certsOnly(order.map(({ der }) => der)));
      expect(read.certificates.map(({ der }) => der)).toEqual(order.map(({ der }) => der));
      expect(read.issuer.der).toEqual(issuingCertificate.der);
      expect(read.recipient.der).toEqual(issuingCertificate.der);
    }
  });

  it('N-01: finds RA certificates below it, one for both uses or a pair, in every order', async () => {
    const both = await certify('CN=RA', raKey, issuing, false, ['digitalSignature', 'keyEncipherment']);
    for (const order of orders([rootCertificate, issuingCertificate, both])) {
      const read = readCaCertificates(certsOnly(order.map(({ der }) => der)));
      expect([read.recipient.der, ...read.signers.map(({ der }) => der)]).toEqual([both.der, both.der]);
    }
    const signing = await certify('CN=RA', raKey, issuing, false, ['digitalSignature']);
    const encryption = await certify('CN=RA', raKey, issuing, false, ['keyEncipherment']);
    for (const order of orders([rootCertificate, issuingCertificate, signing, encryption])) {
      const read = readCaCertificates(certsOnly(order.map(({ der }) => der)));
      expect(read.recipient.der).toEqual(encryption.der);
      expect(read.signers.map(({ der }) => der)).toEqual([signing.der]);
    }
  });

  it('does not take a certificate for the RA that its CA did not issue', async () => {
    const stranger = await certify('CN=RA', raKey, { name: issuing.name, key: raKey }, false);
    const read = readCaCertificates(certsOnly([stranger.der, issuingCertificate.der, rootCertificate.der]));
    expect(read.recipient.der).toEqual(issuingCertificate.der);
    expect(read.signers.map(({ der }) => der)).toEqual([issuingCertificate.der]);
  });

  it('says when there is no CA, and when there is no certificate', async () => {
    const leaf = await certify('CN=leaf', raKey, issuing, false);
    expect(() => readCaCertificates(certsOnly([leaf.der]))).toThrow('no certificate of a CA');
    expect(() => readCaCertificates(Buffer.from('nothing'))).toThrow('no certificate and no bag');
  });
});
