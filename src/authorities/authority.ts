import type { DigestName } from '../pki/x509/digest-name';
import type { Certificate } from '../pki/x509/certificate';
import type { Decrypter, Signer } from '../keys/software-key';
import type { CertificateIssuer } from './issue-certificate';

/** A certificate and the key to decrypt what is encrypted to it. */
export interface ScepDecrypter {
  readonly certificate: Certificate;
  readonly key: Decrypter;
}

/** A certificate and the key to sign replies that carry it. */
export interface ScepSigner {
  readonly certificate: Certificate;
  readonly key: Signer;
}

/** One key and certificate of an authority, ready for use; immutable. */
export interface Generation extends CertificateIssuer {
  readonly id: number;
  /** 1 for the first generation of the authority. */
  readonly number: number;
  /** The CA certificate. */
  readonly certificate: Certificate;
  /** The certificates above it: its issuer first, the root last; empty for a root. */
  readonly chain: readonly Certificate[];
  /** Certifies. */
  readonly signer: Signer;
  /** Digest of the signatures in certificates. */
  readonly digest: DigestName;
  /** Signs CertReps: the RA's key, or the CA's where it speaks SCEP itself. */
  readonly scepSigner: ScepSigner;
  /** All that a request may be encrypted to. The first is the one that GetCACert makes clients choose. */
  readonly scepDecrypters: readonly [ScepDecrypter, ...ScepDecrypter[]];
  /** The RA certificates as GetCACert shows them: none, the one, or the signing and the encrypting one. */
  readonly raCertificates: readonly Certificate[];
}

/** When an authority issues CRLs. */
export interface CrlSchedule {
  /** From thisUpdate to nextUpdate, in milliseconds. */
  readonly validityMs: number;
  /** From thisUpdate to the next regular CRL, in milliseconds. */
  readonly intervalMs: number;
  /** Whether one follows each revocation at once. */
  readonly onRevocation: boolean;
}

/** An authority that can issue; immutable. */
export interface Authority {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly crls: CrlSchedule;
  readonly generations: {
    readonly current: Generation;
    /** Still decrypts, so that devices which did not notice the rollover are served. */
    readonly previous: Generation | undefined;
    /** Made in advance for a rollover (RFC 8894 section 4.7). */
    readonly next: Generation | undefined;
  };
}
