import { ServiceError } from '../common/service-error';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import type { GeneralName } from '../pki/x509/general-name';
import { type NameSwitches, refuseUnreadableSubject, withCopiedNames } from './device-names';

const switches = (on: Partial<NameSwitches>): NameSwitches => ({
  unstructuredNamesAsAltNames: false,
  refusesDomainComponents: false,
  ...on,
});

const COPYING = switches({ unstructuredNamesAsAltNames: true });

const copied = (subject: string, names: readonly GeneralName[] = [], by = COPYING) =>
  withCopiedNames(by, DistinguishedName.parse(subject), names);

describe('names copied from the subject', () => {
  it('are the unstructuredName as dNSName and the unstructuredAddress as iPAddress', () => {
    expect(copied('CN=pix,unstructuredName=pix.example.com,unstructuredAddress=10.1.1.1,O=Example')).toEqual([
      { type: 'dns', value: 'pix.example.com' },
      { type: 'ip', value: '10.1.1.1' },
    ]);
  });

  it('are found in an RDN of several attributes, and each of several', () => {
    expect(
      copied('SERIALNUMBER=FCH1+unstructuredAddress=10.1.1.1+unstructuredName=a.example,unstructuredName=b.example'),
    ).toEqual([
      { type: 'dns', value: 'a.example' },
      { type: 'dns', value: 'b.example' },
      { type: 'ip', value: '10.1.1.1' },
    ]);
  });

  it('stand behind those that are there, and are not doubled', () => {
    const there: GeneralName[] = [
      { type: 'email', value: 'pix@example.com' },
      { type: 'dns', value: 'PIX.example.com' },
    ];
    expect(copied('unstructuredName=pix.example.com,unstructuredAddress=2001:db8::1', there)).toEqual([
      ...there,
      { type: 'ip', value: '2001:db8::1' },
    ]);
  });

  it.each([
    'unstructuredName=*.example.com',
    'unstructuredName=two words',
    'unstructuredName=10.1.1.1',
    'unstructuredName=-x.example',
    'unstructuredName=a..b',
    `unstructuredName=${'a'.repeat(64)}.example`,
    'unstructuredAddress=pix.example.com',
    'unstructuredAddress=fe80::1%eth0',
    'CN=pix.example.com',
  ])('are not made of %s', (subject) => {
    expect(copied(subject)).toEqual([]);
  });

  it('are none unless the device profile says so', () => {
    expect(copied('unstructuredName=pix.example.com', [], switches({}))).toEqual([]);
  });
});

describe('a subject with a domain component', () => {
  const subject = DistinguishedName.parse('CN=pix,DC=example,DC=com');

  it('is refused where the device cannot read it', () => {
    const refuse = () => {
      refuseUnreadableSubject(switches({ refusesDomainComponents: true }), subject);
    };
    expect(refuse).toThrow(ServiceError);
    expect(refuse).toThrow(expect.objectContaining({ code: 'request-refused' }) as Error);
  });

  it('is fine otherwise, and no other attribute is refused', () => {
    refuseUnreadableSubject(switches({}), subject);
    const other = DistinguishedName.parse('CN=pix,unstructuredName=pix.example.com,O=Example,C=SE');
    refuseUnreadableSubject(switches({ refusesDomainComponents: true }), other);
  });
});
