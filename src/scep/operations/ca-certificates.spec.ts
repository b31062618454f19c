import type { Alias } from '../../aliases/alias';
import type { Generation } from '../../authorities/authority';
import { readCertsOnly } from '../../pki/cms/degenerate';
import { sequence, utf8String } from '../../pki/der/der-writer';
import type { Certificate } from '../../pki/x509/certificate';
import { getCaCert, getCaCertChain } from './ca-certificates';

/** Stands for a certificate: only its bytes and whether it is a root matter here. */
const certificate = (name: string, isSelfIssued = false): Certificate =>
  ({ der: sequence(utf8String(name)), isSelfIssued }) as unknown as Certificate;

const root = certificate('root', true);
const policy = certificate('policy');
const issuing = certificate('issuing');
const ra = certificate('ra');

type Response = Alias['caCertificateResponse'];
const alias = (response: Partial<Response> = {}): Alias =>
  ({
    caCertificateResponse: {
      chain: true,
      order: 'issuerFirst',
      includeRoot: true,
      singleCertificate: false,
      ...response,
    },
  }) as unknown as Alias;

const generation = (parts: Partial<Generation>): Generation =>
  ({ certificate: issuing, chain: [policy, root], raCertificates: [], ...parts }) as unknown as Generation;

const standalone = generation({ certificate: root, chain: [] });
const names = (body: Buffer): string[] => readCertsOnly(body).certificates.map((der) => der.subarray(4).toString());

describe('GetCACert', () => {
  it('C-02: a root without RA is the bare certificate', () => {
    expect(getCaCert(alias(), standalone)).toEqual({ contentType: 'application/x-x509-ca-cert', body: root.der });
  });

  it('C-03, C-04: an intermediate comes with its chain, leaf first', () => {
    const reply = getCaCert(alias(), generation({}));
    expect(reply.contentType).toBe('application/x-x509-ca-ra-cert');
    expect(names(reply.body)).toEqual(['issuing', 'policy', 'root']);
  });

  it('I-28: RA certificates come first in either order', () => {
    const withRa = generation({ raCertificates: [ra] });
    expect(names(getCaCert(alias(), withRa).body)).toEqual(['ra', 'issuing', 'policy', 'root']);
    expect(names(getCaCert(alias({ order: 'rootFirst' }), withRa).body)).toEqual(['ra', 'root', 'policy', 'issuing']);
  });

  it('I-28: the root can be left out, but never an issuing root', () => {
    expect(names(getCaCert(alias({ includeRoot: false }), generation({})).body)).toEqual(['issuing', 'policy']);
    expect(getCaCert(alias({ includeRoot: false }), standalone).body).toEqual(root.der);
  });

  it('N-01: without chain, RA and issuing CA', () => {
    expect(names(getCaCert(alias({ chain: false }), generation({ raCertificates: [ra] })).body)).toEqual([
      'ra',
      'issuing',
    ]);
  });

  it('I-34: the single certificate on demand', () => {
    expect(getCaCert(alias({ singleCertificate: true }), generation({}))).toEqual({
      contentType: 'application/x-x509-ca-cert',
      body: issuing.der,
    });
  });
});

describe('GetCACertChain', () => {
  it('N-24, I-36: the chain, certs-only', () => {
    const reply = getCaCertChain(alias(), generation({ raCertificates: [ra] }));
    expect(reply.contentType).toBe('application/x-x509-ca-ra-cert-chain');
    expect(names(reply.body)).toEqual(['issuing', 'policy', 'root']);
  });
});
