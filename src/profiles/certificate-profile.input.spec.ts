import { ServiceError } from '../common/service-error';
import { CERTIFICATE_PROFILE_DEFAULTS } from './certificate-profile';
import { checkedCertificateProfile } from './certificate-profile.input';

function fieldsOf(given: unknown): string[] {
  try {
    checkedCertificateProfile(given);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid-input')
      return [...new Set(error.fields.map(({ field }) => field))];
    throw error;
  }
  return [];
}

describe('a certificate profile', () => {
  it('has every default when nothing is given, and is frozen', () => {
    const profile = checkedCertificateProfile({});
    expect(profile).toMatchObject({ ...CERTIFICATE_PROFILE_DEFAULTS });
    expect(profile.validityPeriod.years).toBe(2);
    expect(profile.extendedKeyUsageOids).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(Object.isFrozen(profile) && Object.isFrozen(profile.keyUsage)).toBe(true);
  });

  it('takes every field that has a default, and no other', () => {
    expect(fieldsOf(CERTIFICATE_PROFILE_DEFAULTS)).toEqual([]);
    expect(fieldsOf({ validiti: '1y' })).toEqual(['validiti']);
  });

  it.each([
    [{ validity: '0d' }, 'validity'],
    [{ validity: 'two years' }, 'validity'],
    [{ backdate: '-5m' }, 'backdate'],
    [{ keyAlgorithms: [] }, 'keyAlgorithms'],
    [{ keyAlgorithms: ['rsa', 'rsa'] }, 'keyAlgorithms'],
    [{ keyAlgorithms: ['dsa'] }, 'keyAlgorithms'],
    [{ minimumRsaBits: 512 }, 'minimumRsaBits'],
    [{ minimumRsaBits: '2048' }, 'minimumRsaBits'],
    [{ minimumRsaBits: 4096, maximumRsaBits: 2048 }, 'maximumRsaBits'],
    [{ ecCurves: ['P-224'] }, 'ecCurves'],
    [{ keyUsage: ['keyCertSign'] }, 'keyUsage'],
    [{ keyUsage: ['cRLSign'] }, 'keyUsage'],
    [{ extendedKeyUsage: ['clientAuth', 'nonsense'] }, 'extendedKeyUsage[1]'],
    [{ extendedKeyUsage: ['constructor'] }, 'extendedKeyUsage[0]'],
    [{ extendedKeyUsage: ['1.40.1'] }, 'extendedKeyUsage[0]'],
    [{ requestedSubjectAltNames: ['other'] }, 'requestedSubjectAltNames'],
    [{ requestedKeyUsage: ['keyCertSign'] }, 'requestedKeyUsage'],
    [{ requestedExtendedKeyUsage: ['any', 'all'] }, 'requestedExtendedKeyUsage[1]'],
    [{ extendedKeyUsage: ['any'] }, 'extendedKeyUsage[0]'],
    [{ enabled: 'yes' }, 'enabled'],
    [{ requiredSubjectAltNames: ['other'] }, 'requiredSubjectAltNames'],
    [{ maximumSubjectAltNames: 257 }, 'maximumSubjectAltNames'],
    [{ requiredSubjectAltNames: ['dns'], maximumSubjectAltNames: 0 }, 'maximumSubjectAltNames'],
    [{ allowedDomains: ['*.example.com'] }, 'allowedDomains'],
    [{ caIssuers: ['gateway', 'ftp://example.com/ca.cer'] }, 'caIssuers[1]'],
    [{ ocspResponders: ['gateway'] }, 'ocspResponders[0]'],
    [{ certificatePolicies: ['policy'] }, 'certificatePolicies[0]'],
    [{ certificatePolicies: ['1.2.3=ldap://example.com'] }, 'certificatePolicies[0]'],
    [{ certificatePolicies: ['1.2.3', '1.2.3=https://example.com'] }, 'certificatePolicies[1]'],
  ])('refuses %j', (given, field) => {
    expect(fieldsOf(given)).toEqual([field]);
  });

  it('reads policies with and without a practice statement', () => {
    const { policies } = checkedCertificateProfile({
      certificatePolicies: ['2.5.29.32.0', ' 1.2.3 = https://example.com/cps?a=b'],
    });
    expect(policies).toEqual([
      { oid: '2.5.29.32.0' },
      { oid: '1.2.3', practiceStatement: 'https://example.com/cps?a=b' },
    ]);
  });

  it('takes purposes by name and by identifier', () => {
    const profile = checkedCertificateProfile({ extendedKeyUsage: ['ipsecIKE', '1.3.6.1.4.1.311.20.2.2'] });
    expect(profile.extendedKeyUsageOids).toEqual(['1.3.6.1.5.5.7.3.17', '1.3.6.1.4.1.311.20.2.2']);
  });
});
