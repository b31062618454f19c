import {
  RA_CERTIFICATE_MODES,
  RA_KEY_ALGORITHMS,
  SIGNATURE_DIGESTS,
  authoritySettings,
} from '../../authorities/authority-settings';
import type { AuthorityRecord, GenerationRecord } from '../../authorities/authority.repository';
import type { IssuedCrl } from '../../authorities/crl-writer';
import { Certificate } from '../../pki/x509/certificate';
import { CertificationRequest } from '../../pki/x509/certification-request';
import { flag, integer, listOf, moment, oneOf, record, text, type Answer } from '../openapi/documented';
import {
  CERTIFICATE,
  GENERATION,
  RA_CERTIFICATE,
  generationView,
  type CaCertificateView,
  type GenerationView,
  type RaCertificateView,
} from './generation.presenter';

/** Settings of an authority with their defaults as they are answered. */
export interface AuthoritySettingsView {
  readonly digest: string;
  /** Null: by what the CA key and certificate can do. */
  readonly raCertificate: string | null;
  readonly raKeyAlgorithm: string;
  readonly raValidityDays: number;
  readonly dataEncipherment: boolean;
  readonly crlValidityHours: number;
  readonly crlOverlapMinutes: number;
  readonly crlOnRevocation: boolean;
  readonly rolloverOverlapHours: number;
  readonly uniquePublicKeys: boolean;
  readonly uniqueSubjects: boolean;
}

/** An authority as it is answered. */
export interface AuthorityView {
  readonly name: string;
  readonly description: string;
  /** Pending: it waits for the certificate of an external root. */
  readonly state: 'active' | 'pending';
  readonly subject: string;
  readonly keyAlgorithm: string;
  /** Number of the generation that the following fields are about. */
  readonly generation: number;
  /** The CA certificate; null while it is pending. */
  readonly certificate: CaCertificateView | null;
  /** The certificates above it: its issuer first, the root last; empty for a root. */
  readonly chain: readonly CaCertificateView[];
  /** Newest first. */
  readonly raCertificates: readonly RaCertificateView[];
  /** All of them, newest first: also the one that comes next and those that were before. */
  readonly generations: readonly GenerationView[];
  readonly settings: AuthoritySettingsView;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A CSR for an external root. */
export interface AuthorityRequestView {
  /** PKCS #10. */
  readonly pem: string;
}

/** A CRL that was issued, as it is answered. */
export interface CrlView {
  /** Number of the authority's generation that issued it. */
  readonly generation: number;
  /** cRLNumber, decimal. */
  readonly number: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Number of certificates on it. */
  readonly entries: number;
}

/** The CRLs of all generations of an authority, the current one's first. */
export interface CrlsView {
  readonly crls: readonly CrlView[];
}

/** {@link AuthorityView} in the OpenAPI document. */
export const AUTHORITY_ANSWER: Answer = {
  name: 'Authority',
  properties: {
    name: text,
    description: text,
    state: oneOf(['active', 'pending']),
    subject: text,
    keyAlgorithm: text,
    generation: integer,
    certificate: { ...record(CERTIFICATE), nullable: true },
    chain: listOf(record(CERTIFICATE)),
    raCertificates: listOf(RA_CERTIFICATE),
    generations: listOf(GENERATION),
    settings: record({
      digest: oneOf(SIGNATURE_DIGESTS),
      raCertificate: { ...oneOf(RA_CERTIFICATE_MODES), nullable: true },
      raKeyAlgorithm: oneOf(RA_KEY_ALGORITHMS),
      raValidityDays: integer,
      dataEncipherment: flag,
      crlValidityHours: integer,
      crlOverlapMinutes: integer,
      crlOnRevocation: flag,
      rolloverOverlapHours: integer,
      uniquePublicKeys: flag,
      uniqueSubjects: flag,
    }),
    createdAt: moment,
    updatedAt: moment,
  },
};

/** {@link AuthorityRequestView} in the OpenAPI document. */
export const AUTHORITY_REQUEST_ANSWER: Answer = { name: 'CertificateRequest', properties: { pem: text } };

/** {@link CrlsView} in the OpenAPI document. */
export const CRLS_ANSWER: Answer = {
  name: 'IssuedCrls',
  properties: {
    crls: listOf(
      record({ generation: integer, number: text, thisUpdate: moment, nextUpdate: moment, entries: integer }),
    ),
  },
};

/** Makes the view. */
export const crlsView = (crls: readonly IssuedCrl[]): CrlsView => ({
  crls: crls.map(({ number, ...crl }) => ({ ...crl, number: String(number) })),
});

/** Makes the view of its current generation, or the one that waits. */
export function authorityView({ authority, generations }: AuthorityRecord): AuthorityView {
  const shown = generations.find(({ generation }) => generation.state === 'current') ?? generations[0];
  if (shown === undefined) throw new Error('an authority has a generation');
  const { number: generation, state, ...ofGeneration } = generationView(shown);
  const { raCertificate = null, ...settings } = authoritySettings(authority.settings);
  return {
    name: authority.name,
    description: authority.description,
    state: state === 'pending' ? 'pending' : 'active',
    subject: subjectOf(shown),
    keyAlgorithm: ofGeneration.keyAlgorithm,
    generation,
    certificate: ofGeneration.certificate,
    chain: ofGeneration.chain,
    raCertificates: ofGeneration.raCertificates,
    generations: generations.map(generationView),
    settings: { ...settings, raCertificate },
    createdAt: authority.createdAt,
    updatedAt: authority.updatedAt,
  };
}

function subjectOf({ generation: { certificate, certificateRequest } }: GenerationRecord): string {
  if (certificate !== null) return Certificate.read(certificate).subject.toString();
  return certificateRequest === null ? '' : CertificationRequest.read(certificateRequest).subject.toString();
}
