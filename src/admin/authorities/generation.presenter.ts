import type { GenerationRecord, RaCertificateRecord } from '../../authorities/authority.repository';
import type { GenerationState } from '../../authorities/authority-generation.entity';
import { fingerprints, type Fingerprints } from '../../authorities/fingerprint';
import { Certificate } from '../../pki/x509/certificate';
import { pem } from '../../pki/x509/pem';
import { integer, listOf, moment, oneOf, record, text, type Schema } from '../openapi/documented';

/** A certificate of an authority as it is answered. */
export interface CaCertificateView {
  /** Distinguished names, in the order of their encoding. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hexadecimal digits without leading zero octets. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Upper-case hexadecimal pairs with colons, to be read to a network engineer. */
  readonly fingerprints: Fingerprints;
  readonly pem: string;
}

/** An RA certificate as it is answered. */
export interface RaCertificateView extends CaCertificateView {
  /** What its key does in SCEP. */
  readonly purpose: 'sign' | 'encrypt' | 'both';
  /** A previous one is shown to no device, but still decrypts until it expires. */
  readonly state: 'current' | 'previous';
  readonly keyAlgorithm: string;
}

/** A generation as it is answered. */
export interface GenerationView {
  readonly number: number;
  readonly state: GenerationState;
  readonly keyAlgorithm: string;
  /** The CA certificate; null while it is pending. */
  readonly certificate: CaCertificateView | null;
  /** The certificates above it: its issuer first, the root last; empty for a root. */
  readonly chain: readonly CaCertificateView[];
  /** Newest first. */
  readonly raCertificates: readonly RaCertificateView[];
  /** When it becomes the current one by itself; null: when it is told to, or the one before it has ended. */
  readonly activateAt: Date | null;
  /** Until when it opens messages; of a previous generation. */
  readonly opensUntil: Date | null;
}

/** {@link CaCertificateView} in the OpenAPI document. */
export const CERTIFICATE: Readonly<Record<string, Schema>> = {
  subject: text,
  issuer: text,
  serialNumber: text,
  notBefore: moment,
  notAfter: moment,
  fingerprints: record({ sha256: text, sha1: text, md5: text }),
  pem: text,
};

/** {@link RaCertificateView} in the OpenAPI document. */
export const RA_CERTIFICATE: Schema = record({
  purpose: oneOf(['sign', 'encrypt', 'both']),
  state: oneOf(['current', 'previous']),
  keyAlgorithm: text,
  ...CERTIFICATE,
});

/** {@link GenerationView} in the OpenAPI document. */
export const GENERATION: Schema = record({
  number: integer,
  state: oneOf(['pending', 'next', 'current', 'previous', 'retired', 'withdrawn']),
  keyAlgorithm: text,
  certificate: { ...record(CERTIFICATE), nullable: true },
  chain: listOf(record(CERTIFICATE)),
  raCertificates: listOf(RA_CERTIFICATE),
  activateAt: { ...moment, nullable: true },
  opensUntil: { ...moment, nullable: true },
});

/** Makes the view. */
export function generationView({ generation, keyAlgorithm, raCertificates }: GenerationRecord): GenerationView {
  const { number, state, certificate, chain, activateAt, opensUntil } = generation;
  return {
    number,
    state,
    keyAlgorithm,
    certificate: certificate === null ? null : caCertificateView(Certificate.read(certificate)),
    chain: chain.map((der) => caCertificateView(Certificate.read(der))),
    raCertificates: raCertificates.map(raCertificateView),
    activateAt,
    opensUntil: state === 'previous' ? opensUntil : null,
  };
}

function raCertificateView({ raCertificate, keyAlgorithm }: RaCertificateRecord): RaCertificateView {
  const { purpose, state, certificate } = raCertificate;
  return { purpose, state, keyAlgorithm, ...caCertificateView(Certificate.read(certificate)) };
}

function caCertificateView(certificate: Certificate): CaCertificateView {
  return {
    subject: certificate.subject.toString(),
    issuer: certificate.issuer.toString(),
    serialNumber: certificate.serialHex,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    fingerprints: fingerprints(certificate),
    pem: pem('CERTIFICATE', certificate.der),
  };
}
