import * as asn1js from 'asn1js';
import { type AccessDescription, CertificatePolicies, InfoAccess } from 'pkijs';
import { authorityInformationAccess } from './authority-information-access';
import { certificatePolicies } from './certificate-policies';

it('certificatePolicies are read by PKI.js as they were written', () => {
  const { oid, critical, value } = certificatePolicies([
    { oid: '2.23.140.1.2.1' },
    { oid: '1.3.6.1.4.1.99999.1', practiceStatement: 'https://example.com/cps' },
  ]);
  expect([oid, critical]).toEqual(['2.5.29.32', false]);
  const { certificatePolicies: read } = new CertificatePolicies({ schema: asn1js.fromBER(value).result });
  expect(read.map(({ policyIdentifier }) => policyIdentifier)).toEqual(['2.23.140.1.2.1', '1.3.6.1.4.1.99999.1']);
  expect(read[0]!.policyQualifiers).toBeUndefined();
  const [qualifier] = read[1]!.policyQualifiers!;
  expect(qualifier!.policyQualifierId).toBe('1.3.6.1.5.5.7.2.1');
  expect((qualifier!.qualifier as asn1js.IA5String).valueBlock.value).toBe('https://example.com/cps');
});

it('authorityInfoAccess is read by PKI.js as it was written', () => {
  const uris = ['http://example.com/ca.cer', 'ldap://example.com/cn=CA?cACertificate'];
  const { oid, critical, value } = authorityInformationAccess(uris, ['http://ocsp.example.com']);
  expect([oid, critical]).toEqual(['1.3.6.1.5.5.7.1.1', false]);
  const { accessDescriptions } = new InfoAccess({ schema: asn1js.fromBER(value).result });
  const read = accessDescriptions.map(({ accessMethod, accessLocation }: AccessDescription) => [
    accessMethod,
    accessLocation.type,
    accessLocation.value as string,
  ]);
  expect(read).toEqual([
    ['1.3.6.1.5.5.7.48.1', 6, 'http://ocsp.example.com'],
    ['1.3.6.1.5.5.7.48.2', 6, uris[0]],
    ['1.3.6.1.5.5.7.48.2', 6, uris[1]],
  ]);
});
