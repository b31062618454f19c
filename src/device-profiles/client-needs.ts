import type { CipherName } from '../pki/cms/content-cipher';
import type { DigestName } from '../pki/x509/digest-name';
import type { KeyUsageBit } from '../pki/x509/extension';

/**
 * What clients need of an alias and its authorities that no switch can give them. Nothing here changes an answer: doctor
 * compares it with what there is, and says what would go wrong. What is absent is not known to be a need.
 */
export interface ClientNeeds {
  /** Digests that the client can sign its messages with: the alias has to accept one of them. */
  readonly digests?: readonly DigestName[];
  /** Ciphers that the client can use: the alias has to accept one of them. */
  readonly ciphers?: readonly CipherName[];
  /** Keywords of GetCACaps without which the client gives up. */
  readonly capabilities?: readonly string[];
  /** Keys that the client makes. Who makes EC keys has to read an answer encrypted with the challengePassword. */
  readonly keys?: {
    readonly types: readonly ('rsa' | 'ec')[];
    /** Size in bits of the largest RSA key that the client can make. */
    readonly largestRsaBits?: number;
  };
  /** Bits of keyUsage that the certificate needs which the client encrypts to. */
  readonly encryptionKeyUsage?: readonly KeyUsageBit[];
  /**
   * Which RA certificates the client can work with: `none` (the CA itself has to speak SCEP), `single` (one that signs and
   * encrypts), `pair` (one for each). Several: any of them.
   */
  readonly raCertificates?: readonly ('none' | 'single' | 'pair')[];
  /** The one mode in which the client can work. */
  readonly operationalMode?: 'CA';
  /** What a CertRep has to hold, or must not hold, besides the issued certificate. */
  readonly caCertificateInReply?: 'required' | 'forbidden';
  /** GetCACert has to answer with exactly one certificate. */
  readonly singleCertificate?: true;
  /** GetCACert has to hold the self-signed root. */
  readonly root?: true;
  /**
   * The client takes any certificate of GetCACert for the CA's or the RA's whose keyUsage fits, wherever it stands: one above
   * the issuing CA must not look like it.
   */
  readonly choosesByKeyUsage?: true;
  /** The client sends the name of the CA in lower case. */
  readonly lowerCasesCaName?: true;
  /** The one CA identifier that the client always sends. */
  readonly caIdentifier?: string;
  /** Attributes, dotted, that the client cannot read in a name. */
  readonly unreadableAttributes?: readonly string[];
  /** The only port that the client can reach. */
  readonly port?: number;
  /** The client cannot do TLS. */
  readonly plainHttp?: true;
  /** The client gives up when its request has to wait for an officer. */
  readonly cannotPoll?: true;
}
