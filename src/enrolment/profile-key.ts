import { ServiceError } from '../common/service-error';
import type { PublicKey } from '../pki/x509/public-key';
import type { CertificateProfile } from '../profiles/certificate-profile';

type KeyRules = Pick<CertificateProfile, 'name' | 'keyAlgorithms' | 'minimumRsaBits' | 'maximumRsaBits' | 'ecCurves'>;

/** @throws ServiceError `key-not-allowed` when the certificate profile does not certify such a key */
export function checkProfileKey(profile: KeyRules, key: PublicKey): void {
  const problem = keyProblem(profile, key);
  if (problem !== undefined)
    throw new ServiceError('key-not-allowed', problem, {
      rule: 'certificate-profile.key',
      explanation: `${problem} (certificate profile ${profile.name})`,
    });
}

function keyProblem(profile: KeyRules, key: PublicKey): string | undefined {
  if (!profile.keyAlgorithms.includes(key.type)) return `${key.type.toUpperCase()} keys are not certified here`;
  if (key.type === 'ec')
    return key.curve !== undefined && profile.ecCurves.includes(key.curve)
      ? undefined
      : 'keys on this elliptic curve are not certified here';
  const { minimumRsaBits, maximumRsaBits } = profile;
  return key.bits < minimumRsaBits || key.bits > maximumRsaBits
    ? `the RSA key has ${key.bits} bits, and ${minimumRsaBits} to ${maximumRsaBits} are certified here`
    : undefined;
}
