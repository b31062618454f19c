import type { RandomSource } from '../common/random-source';
import type { KeyStore, NewKey } from '../keys/key-store';
import type { Certificate } from '../pki/x509/certificate';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { basicConstraints, extendedKeyUsage, keyUsage, type KeyUsageBit } from '../pki/x509/extension';
import { Oid } from '../pki/x509/oid';
import type { AuthoritySettings } from './authority-settings';
import { signCertificate, type CertificateIssuer } from './issue-certificate';
import type { RaPurpose } from './ra-certificate.entity';
import { newSerialNumber } from './serial-number';
import { backdated, daysLater } from './validity';

/** Certificate request agent: what Windows and MDM servers look for in an RA certificate (I-29). */
const CERTIFICATE_REQUEST_AGENT = '1.3.6.1.4.1.311.20.2.1';

/** Upper bound of a common name (RFC 5280 appendix A.1, ub-common-name). */
const LONGEST_COMMON_NAME = 64;

const KEY_USAGE: Readonly<Record<RaPurpose, readonly KeyUsageBit[]>> = {
  both: ['digitalSignature', 'keyEncipherment'],
  sign: ['digitalSignature'],
  encrypt: ['keyEncipherment'],
};

const NAME_SUFFIX: Readonly<Record<RaPurpose, string>> = {
  both: 'SCEP RA',
  sign: 'SCEP RA Signing',
  encrypt: 'SCEP RA Encryption',
};

/** An RA certificate and its key that are not in the database yet. */
export interface NewRaCertificate {
  readonly purpose: RaPurpose;
  readonly key: NewKey;
  readonly certificate: Certificate;
}

/** Makes RA certificates: fresh keys and certificates of the CA for them. */
export class RaCertificateIssuer {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly random: RandomSource,
  ) {}

  /** One RA certificate for each purpose. Takes as long as generating an RSA key does: do it before a transaction. */
  async issue(
    purposes: readonly RaPurpose[],
    issuer: CertificateIssuer,
    settings: AuthoritySettings,
    now: Date,
  ): Promise<NewRaCertificate[]> {
    const { notBefore } = issuer.certificate;
    // A next generation's are valid from when it is itself.
    const from = notBefore > now ? notBefore : now;
    const issued: NewRaCertificate[] = [];
    for (const purpose of purposes) {
      const key = await this.keyStore.generate(settings.raKeyAlgorithm);
      const certificate = await signCertificate(issuer, {
        serialNumber: newSerialNumber(this.random),
        subject: raSubject(issuer.certificate.subject, purpose),
        spki: key.publicKey.spki,
        notBefore: backdated(now),
        notAfter: daysLater(from, settings.raValidityDays),
        extensions: [
          basicConstraints(false),
          keyUsage(KEY_USAGE[purpose]),
          extendedKeyUsage([CERTIFICATE_REQUEST_AGENT]),
        ],
      });
      issued.push({ purpose, key, certificate });
    }
    return issued;
  }
}

/** The CA's name with another common name, so that the two certificates are told apart at a glance. */
export function raSubject(caSubject: DistinguishedName, purpose: RaPurpose): DistinguishedName {
  const suffix = NAME_SUFFIX[purpose];
  const caName = caSubject.first(Oid.commonName);
  if (caName === undefined) return DistinguishedName.of([...caSubject.rdns, [{ oid: Oid.commonName, value: suffix }]]);
  const shortened = Array.from(caName)
    .slice(0, LONGEST_COMMON_NAME - suffix.length - 1)
    .join('');
  const commonName = { oid: Oid.commonName, value: `${shortened.trimEnd()} ${suffix}` };
  const rdns: { readonly oid: string; readonly value: string }[][] = [];
  let replaced = false;
  for (const rdn of caSubject.rdns) {
    const others = rdn.filter(({ oid }) => oid !== Oid.commonName);
    const first: boolean = others.length < rdn.length && !replaced;
    replaced ||= first;
    if (first || others.length > 0) rdns.push(first ? [commonName, ...others] : others);
  }
  return DistinguishedName.of(rdns);
}
