import { webcrypto } from 'node:crypto';
import * as pkijs from 'pkijs';
import { forgeIdentity, type ForgedIdentity } from '../../../test/support/forged-message';
import { itWithOpenssl, openssl } from '../../../test/support/openssl';
import { ALIAS_DEFAULTS, type Alias } from '../../aliases/alias';
import type { Authority, NextGeneration } from '../../authorities/authority';
import { sortCaCertificates } from '../../client/ca-certificates';
import { readNextCaCertificates } from '../../client/next-ca-certificates';
import { PrivateKey } from '../../pki/cms/private-key';
import { readCertsOnly } from '../../pki/cms/degenerate';
import { readSignedData } from '../../pki/cms/signed-data';
import type { Certificate } from '../../pki/x509/certificate';
import { pem } from '../../pki/x509/pem';
import { getNextCaCert } from './next-ca-certificates';

let current: ForgedIdentity;
let next: Certificate;
let ra: Certificate;
let stranger: Certificate;

beforeAll(async () => {
  const identities = ['CN=CA,O=Example', 'CN=Next CA,O=Example', 'CN=CA SCEP RA', 'CN=CA,O=Example'].map((subject) =>
    forgeIdentity(subject, subject.endsWith('RA') ? 'ec' : 'rsa'),
  );
  const [first, ...others] = await Promise.all(identities);
  current = first!;
  [next, ra, stranger] = others.map(({ certificate }) => certificate) as [Certificate, Certificate, Certificate];
});

let signatures = 0;

/** An authority whose present generation counts its signatures. */
function authority(raCertificates: readonly Certificate[] = []): Authority {
  const key = PrivateKey.fromPkcs8(current.key.export({ format: 'der', type: 'pkcs8' }));
  const counting = {
    publicKey: key.publicKey,
    sign: (...parameters: Parameters<PrivateKey['sign']>) => {
      signatures += 1;
      return key.sign(...parameters);
    },
  };
  const coming = { certificate: next, chain: [], raCertificates } as unknown as NextGeneration;
  const present = { certificate: current.certificate, scepSigner: { certificate: current.certificate, key: counting } };
  return { generations: { current: present, next: coming } } as unknown as Authority;
}

const alias = (changes: object = {}): Alias => ({ ...ALIAS_DEFAULTS, ...changes }) as Alias;

describe('GetNextCACert', () => {
  it('D-02, D-03, D-06, D-07: has the new certificates in the content and in the certificates field, there with the signer', async () => {
    const { body, contentType } = await getNextCaCert(alias(), authority([ra]));
    expect(contentType).toBe('application/x-x509-next-ca-cert');
    const outer = readSignedData(body);
    expect(outer.contentType).toBe('1.2.840.113549.1.7.1');
    expect(outer.certificates).toEqual([ra.der, next.der, current.certificate.der]);
    expect(readCertsOnly(outer.content!).certificates).toEqual([ra.der, next.der]);
    const inner = readSignedData(outer.content!);
    expect(inner.content).toBeUndefined();
    expect(inner.signerInfos).toEqual([]);
  });

  it('D-01: is signed by the present CA, as PKI.js sees it', async () => {
    const { body } = await getNextCaCert(alias(), authority());
    const engine = new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto });
    const signedData = new pkijs.SignedData({ schema: pkijs.ContentInfo.fromBER(new Uint8Array(body)).content });
    const { signatureVerified, signerCertificate } = await signedData.verify(
      { signer: 0, checkChain: false, extendedMode: true },
      engine,
    );
    expect(signatureVerified).toBe(true);
    expect(Buffer.from(signerCertificate!.toSchema().toBER())).toEqual(current.certificate.der);
  });

  itWithOpenssl('D-01, D-02: is verified by openssl, which takes the new certificate out of it', async () => {
    const { body } = await getNextCaCert(alias(), authority());
    const files = { reply: body, 'ca.pem': pem('CERTIFICATE', current.certificate.der) };
    const verify = ['cms', '-verify', '-inform', 'DER', '-in', 'reply', '-CAfile', 'ca.pem', '-purpose', 'any'];
    const content = openssl(files, [...verify, '-no_check_time', '-binary', '-out', 'out']);
    const list = ['pkcs7', '-inform', 'DER', '-in', 'content', '-print_certs', '-out', 'out'];
    const printed = openssl({ content }, list).toString();
    expect(printed).toContain(pem('CERTIFICATE', next.der).trim());
  });

  it('is read by our client, for which only the present CA may have signed it', async () => {
    const { body } = await getNextCaCert(alias(), authority());
    const known = sortCaCertificates([current.certificate]);
    expect(readNextCaCertificates(body, known).issuer.der).toEqual(next.der);
    expect(() => readNextCaCertificates(body, sortCaCertificates([stranger]))).toThrow(/not signed by the present CA/);
    const altered = Buffer.from(body);
    altered[altered.indexOf(next.der) + next.der.length - 1]! ^= 1;
    expect(() => readNextCaCertificates(altered, known)).toThrow(/refused/);
    expect(() => readNextCaCertificates(next.der, known)).toThrow(/no signed certificates/);
  });

  it('is signed once, not for everyone who asks', async () => {
    const [one, other] = [alias(), alias({ caCertificateResponse: { ...ALIAS_DEFAULTS.caCertificateResponse } })];
    const ca = authority();
    const before = signatures;
    const [first, second] = [await getNextCaCert(one, ca), await getNextCaCert(one, ca)];
    expect(second.body).toBe(first.body);
    await getNextCaCert(other, ca);
    expect(signatures - before).toBe(2);
  });

  it('uses a digest that the alias accepts', async () => {
    const accept = { ...ALIAS_DEFAULTS.algorithms.accept, digests: ['sha1'] };
    const { body } = await getNextCaCert(alias({ algorithms: { accept, reply: 'mirror' } }), authority());
    expect(readSignedData(body).signerInfos[0]!.digestAlgorithm.oid).toBe('1.3.14.3.2.26');
  });

  it('D-05, N-25: is refused where there is no next certificate, and where the alias tells nobody', async () => {
    const none = { generations: { next: undefined } } as unknown as Authority;
    const refusal = { code: 'no-next-ca-certificate' };
    await expect(getNextCaCert(alias(), none)).rejects.toMatchObject(refusal);
    await expect(getNextCaCert(alias({ rollover: { enabled: false } }), authority())).rejects.toMatchObject(refusal);
  });
});
