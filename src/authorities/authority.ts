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

/**
 * One key and certificate of an authority, as much of it as outlives its turn: its certificates are recognised, and its
 * CRLs go on; immutable.
 */
export interface FormerGeneration extends CertificateIssuer {
  readonly id: number;
  /** 1 for the first generation of the authority. */
  readonly number: number;
  /** The CA certificate. */
  readonly certificate: Certificate;
  /** Certifies. */
  readonly signer: Signer;
  /** Digest of the signatures in certificates. */
  readonly digest: DigestName;
}

/** One key and certificate of an authority, ready for use; immutable. */
export interface Generation extends FormerGeneration {
  /** The certificates above it: its issuer first, the root last; empty for a root. */
  readonly chain: readonly Certificate[];
  /** Signs CertReps: the RA's key, or the CA's where it speaks SCEP itself. */
  readonly scepSigner: ScepSigner;
  /** All that a request may be encrypted to. The first is the one that GetCACert makes clients choose. */
  readonly scepDecrypters: readonly [ScepDecrypter, ...ScepDecrypter[]];
  /** The RA certificates as GetCACert shows them: none, the one, or the signing and the encrypting one. */
  readonly raCertificates: readonly Certificate[];
}

/** A generation that was made in advance for a rollover (RFC 8894 section 4.7). */
export interface NextGeneration extends Generation {
  /** Its turn: certificates that it issues before are valid from then on. */
  readonly startsAt: Date;
}

/** The generation whose turn is just over. */
export interface PreviousGeneration extends Generation {
  /** Until when it opens the messages of devices that did not notice. */
  readonly opensUntil: Date;
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
  /** What of its certificates no two end entities may share. */
  readonly unique: { readonly publicKeys: boolean; readonly subjects: boolean };
  readonly generations: {
    readonly current: Generation;
    readonly previous: PreviousGeneration | undefined;
    readonly next: NextGeneration | undefined;
    /** Those before the previous one, and those that were withdrawn; newest first. */
    readonly former: readonly FormerGeneration[];
  };
}

/** All generations of an authority, its current one first. */
export function generationsOf({ generations }: Authority): FormerGeneration[] {
  const { current, previous, next, former } = generations;
  return [current, ...[previous, next].filter((generation) => generation !== undefined), ...former];
}
