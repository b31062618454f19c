import { generateKeyPairSync } from 'node:crypto';
import { vector } from '../../test/support/vectors';
import { PrivateKey } from '../pki/cms/private-key';
import { buildCertificationRequest, CertificationRequest } from '../pki/x509/certification-request';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import {
  extendedKeyUsage,
  type Extension,
  keyUsage,
  type KeyUsageBit,
  readExtendedKeyUsage,
  readKeyUsage,
} from '../pki/x509/extension';
import { Oid } from '../pki/x509/oid';
import type { CertificateProfile } from '../profiles/certificate-profile';
import { checkedCertificateProfile } from '../profiles/certificate-profile.input';
import { extendedKeyUsageOf, keyUsageOf } from './key-usages';

/** OpenSSL's, asking for keyCertSign, cRLSign and purposes over others besides what is harmless. */
const FOREIGN = CertificationRequest.read(vector('requests/openssl/everything.der'));
const REQUEST_AGENT = '1.3.6.1.4.1.311.20.2.1';
const EMAIL = '1.3.6.1.5.5.7.3.4';

const profile = (settings: object): CertificateProfile => ({
  id: 1,
  name: 'TEST',
  ...checkedCertificateProfile(settings),
});

async function asking(
  extensions: readonly Extension[],
  signer = PrivateKey.generateRsa(2048),
): Promise<CertificationRequest> {
  const subject = DistinguishedName.parse('CN=a');
  return CertificationRequest.read(await buildCertificationRequest({ subject, signer, extensions, digest: 'sha256' }));
}

const bits = (settings: object, request = FOREIGN): KeyUsageBit[] => {
  const [extension] = keyUsageOf(profile(settings), request);
  expect(extension?.critical).toBe(true);
  return [...readKeyUsage(extension!.value)];
};
const purposes = (settings: object, request = FOREIGN): string[] => {
  const [extension] = extendedKeyUsageOf(profile(settings), request);
  expect(extension?.critical).toBe(false);
  return readExtendedKeyUsage(extension!.value);
};

describe('keyUsage', () => {
  it('is the profile’s unless the profile takes over what is asked for', () => {
    expect(bits({ keyUsage: ['keyAgreement'] })).toEqual(['keyAgreement']);
    expect(bits({ keyUsage: ['keyAgreement'], keyUsageFromRequest: true })).toEqual([
      'digitalSignature',
      'nonRepudiation',
    ]);
  });

  it('is what is asked for as far as the profile grants it', () => {
    const limited = { keyUsageFromRequest: true, requestedKeyUsage: ['digitalSignature', 'keyEncipherment'] };
    expect(bits(limited)).toEqual(['digitalSignature']);
  });

  it('is the profile’s again where nothing that is asked for is granted', async () => {
    expect(bits({ keyUsageFromRequest: true, requestedKeyUsage: ['keyAgreement'] })).toEqual([
      'digitalSignature',
      'keyEncipherment',
    ]);
    const authority = await asking([keyUsage(['keyCertSign', 'cRLSign'])]);
    expect(bits({ keyUsageFromRequest: true }, authority)).toEqual(['digitalSignature', 'keyEncipherment']);
    expect(bits({ keyUsageFromRequest: true }, await asking([]))).toEqual(['digitalSignature', 'keyEncipherment']);
  });

  it('never encrypts with a key that cannot', async () => {
    const ec = new PrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const request = await asking([keyUsage(['keyEncipherment'])], ec);
    expect(bits({ keyUsageFromRequest: true }, request)).toEqual(['digitalSignature']);
  });
});

describe('extKeyUsage', () => {
  it('is the profile’s where it takes over nothing', async () => {
    expect(purposes({})).toEqual([Oid.clientAuth]);
    expect(extendedKeyUsageOf(profile({ extendedKeyUsage: [] }), FOREIGN)).toEqual([]);
    const unreadable = await asking([{ oid: Oid.extKeyUsage, critical: false, value: Buffer.of(5, 0) }]);
    expect(purposes({}, unreadable)).toEqual([Oid.clientAuth]);
    expect(() => purposes({ requestedExtendedKeyUsage: ['any'] }, unreadable)).toThrow(
      expect.objectContaining({ code: 'malformed-message', rule: 'request.extensions' }),
    );
  });

  it('is what is asked for as far as the profile grants it', () => {
    expect(purposes({ requestedExtendedKeyUsage: ['serverAuth', 'codeSigning'] })).toEqual([Oid.serverAuth]);
    expect(purposes({ requestedExtendedKeyUsage: [REQUEST_AGENT] })).toEqual([REQUEST_AGENT]);
  });

  it('is the profile’s again where nothing that is asked for is granted', async () => {
    const granting = { requestedExtendedKeyUsage: ['codeSigning'] };
    expect(purposes(granting)).toEqual([Oid.clientAuth]);
    expect(purposes(granting, await asking([]))).toEqual([Oid.clientAuth]);
    expect(purposes(granting, await asking([extendedKeyUsage([])]))).toEqual([Oid.clientAuth]);
  });

  it('of any purpose leaves out those over others, unless they are named', () => {
    expect(purposes({ requestedExtendedKeyUsage: ['any'] })).toEqual([Oid.serverAuth, EMAIL]);
    expect(purposes({ requestedExtendedKeyUsage: ['any', REQUEST_AGENT] })).toEqual([
      Oid.serverAuth,
      EMAIL,
      REQUEST_AGENT,
    ]);
  });
});
