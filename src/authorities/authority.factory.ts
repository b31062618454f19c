import type { Clock } from '../common/clock';
import type { RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import type { KeyAlgorithm } from '../keys/key-algorithm';
import type { KeyStore, NewKey } from '../keys/key-store';
import type { Signer } from '../keys/software-key';
import { DerError } from '../pki/der/der-error';
import type { Certificate } from '../pki/x509/certificate';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { readPkcs12, type Pkcs12Content } from '../pki/x509/pkcs12';
import type { PublicKey } from '../pki/x509/public-key';
import type { Generation } from './authority';
import { verifyAuthorityChain, type VerifiedChain } from './authority-chain';
import type { AuthoritySettings } from './authority-settings';
import type { NewGeneration } from './authority.repository';
import { buildCaRequest, buildRootCertificate, caExtensions, caKeyUsage } from './ca-certificate';
import { readCertificateBundle } from './certificate-bundle';
import { certificateIssuer, signCertificate } from './issue-certificate';
import type { NewRaCertificate } from './ra-certificate.issuer';
import type { RaCertificateService } from './ra-certificate.service';
import { newSerialNumber } from './serial-number';
import { backdated, daysLater } from './validity';

/** What the certificate of a CA that is made here shall say. */
export interface CaRequest {
  readonly subject: string;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly validityDays: number;
}

/** Makes keys and certificates of authorities; writes nothing. Each takes as long as generating its keys does. */
export class AuthorityFactory {
  constructor(
    private readonly keyStore: KeyStore,
    private readonly raCertificates: RaCertificateService,
    private readonly clock: Clock,
    private readonly random: RandomSource,
  ) {}

  /** A root: a key and its self-signed certificate. */
  async root(request: CaRequest, settings: AuthoritySettings): Promise<NewGeneration> {
    const subject = parseSubject(request.subject);
    const key = await this.generate(request.keyAlgorithm, settings);
    const now = this.clock.now();
    const certificate = await buildRootCertificate(key.signer, {
      serialNumber: newSerialNumber(this.random),
      subject,
      notBefore: backdated(now),
      notAfter: daysLater(now, request.validityDays),
      digest: settings.digest,
      keyUsage: caKeyUsage(key.publicKey, settings),
    });
    return this.complete(key, { certificate, chain: [] }, settings);
  }

  /** A subordinate of an authority of this gateway; it ends with its issuer at the latest. */
  async subordinate(request: CaRequest, settings: AuthoritySettings, issuer: Generation): Promise<NewGeneration> {
    const subject = parseSubject(request.subject);
    if (subject.equals(issuer.certificate.subject)) throw badField('subject', 'must differ from that of the issuer');
    const key = await this.generate(request.keyAlgorithm, settings);
    const now = this.clock.now();
    const certificate = await signCertificate(issuer, {
      serialNumber: newSerialNumber(this.random),
      subject,
      spki: key.publicKey.spki,
      notBefore: backdated(now),
      notAfter: daysLater(now, request.validityDays),
      extensions: caExtensions(caKeyUsage(key.publicKey, settings)),
    });
    const above = [certificate, issuer.certificate, ...issuer.chain];
    return this.complete(key, verifyAuthorityChain(above, key.publicKey, now, 'issuer'), settings);
  }

  /** A key and a request that waits for the answer of another CA. */
  async external(request: Omit<CaRequest, 'validityDays'>, settings: AuthoritySettings): Promise<NewGeneration> {
    const subject = parseSubject(request.subject);
    const key = await this.generate(request.keyAlgorithm, settings);
    const keyUsage = caKeyUsage(key.publicKey, settings);
    return {
      key,
      certificate: undefined,
      request: await buildCaRequest(key.signer, { subject, digest: settings.digest, keyUsage }),
      chain: [],
      raCertificates: [],
    };
  }

  /**
   * A CA from elsewhere.
   *
   * @param pkcs12 the file
   * @param chain certificates that the file lacks, in a form of {@link readCertificateBundle}
   */
  async fromPkcs12(
    pkcs12: Buffer,
    password: string,
    chain: string | undefined,
    settings: AuthoritySettings,
  ): Promise<NewGeneration> {
    const further = chain === undefined ? [] : readCertificateBundle(chain, 'chain');
    const { privateKey, certificates } = await openPkcs12(pkcs12, password);
    const key = this.keyStore.import(privateKey);
    refuseWithoutRsa(key.publicKey, settings);
    const all = [...certificates, ...further];
    return this.complete(key, verifyAuthorityChain(all, key.publicKey, this.clock.now(), 'pkcs12'), settings);
  }

  /**
   * The CA certificate and chain that answer a request, and the RA certificates that are needed with them.
   *
   * @param present DER of the CA certificate that the new one is to follow: then that may begin later
   */
  async answer(
    signer: Signer,
    answer: string,
    settings: AuthoritySettings,
    present?: Buffer,
  ): Promise<VerifiedChain & { readonly raCertificates: readonly NewRaCertificate[] }> {
    const certificates = readCertificateBundle(answer, 'certificates');
    const begins = present === undefined ? 'begun' : 'begins';
    const verified = verifyAuthorityChain(certificates, signer.publicKey, this.clock.now(), 'certificates', begins);
    if (present?.equals(verified.certificate.der) === true)
      throw badField('certificates', 'must hold the certificate that follows the present one, not that one again');
    return { ...verified, raCertificates: await this.firstRaCertificates(signer, verified.certificate, settings) };
  }

  private async generate(algorithm: KeyAlgorithm, settings: AuthoritySettings): Promise<NewKey> {
    if (algorithm.startsWith('EC-')) refuseNone(settings);
    return this.keyStore.generate(algorithm);
  }

  private async complete(
    key: NewKey,
    { certificate, chain }: VerifiedChain,
    settings: AuthoritySettings,
  ): Promise<NewGeneration> {
    const raCertificates = await this.firstRaCertificates(key.signer, certificate, settings);
    return { key, certificate, request: undefined, chain, raCertificates };
  }

  private firstRaCertificates(
    signer: Signer,
    certificate: Certificate,
    settings: AuthoritySettings,
  ): Promise<NewRaCertificate[]> {
    return this.raCertificates.first(certificateIssuer(certificate, signer, settings.digest), settings);
  }
}

/** Refuses settings that leave an authority without a key that decrypts: only RSA does. */
export function refuseWithoutRsa(publicKey: PublicKey, settings: AuthoritySettings): void {
  if (publicKey.type !== 'rsa') refuseNone(settings);
}

function refuseNone(settings: AuthoritySettings): void {
  if (settings.raCertificate === 'none')
    throw badField('settings.raCertificate', 'must be single or pair, for the key of this authority cannot decrypt');
}

function parseSubject(text: string): DistinguishedName {
  let subject: DistinguishedName;
  try {
    subject = DistinguishedName.parse(text);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw badField('subject', cause.message);
  }
  if (subject.isEmpty) throw badField('subject', 'must not be empty: the issuer of a certificate has a name');
  return subject;
}

async function openPkcs12(pkcs12: Buffer, password: string): Promise<Pkcs12Content> {
  try {
    return await readPkcs12(pkcs12, password);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw badField('pkcs12', `cannot be read: ${cause.message}`);
  }
}

function badField(field: string, message: string): ServiceError {
  return new ServiceError('invalid-input', `${field} ${message}`, { fields: [{ field, message }] });
}
