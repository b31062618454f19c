import { Type } from 'class-transformer';
import {
  IsBase64,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  CRL_OVERLAP_MINUTES,
  CRL_VALIDITY_HOURS,
  RA_CERTIFICATE_MODES,
  RA_KEY_ALGORITHMS,
  RA_VALIDITY_DAYS,
  ROLLOVER_OVERLAP_HOURS,
  SIGNATURE_DIGESTS,
  type RaCertificateMode,
  type RaKeyAlgorithm,
  type SignatureDigest,
} from '../../authorities/authority-settings';
import { AUTHORITY_NAME, AUTHORITY_NAME_RULE } from '../../authorities/authority.service';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../keys/key-algorithm';
import { MAX_DESCRIPTION } from '../../profiles/profile-name';

const MAX_SUBJECT = 1000;
const MAX_PASSWORD = 1000;
const MAX_FILE = 1_000_000;

/** A hundred years. */
export const MAX_VALIDITY_DAYS = 36_500;

/** `settings` of an authority; null brings the default back. */
export class AuthoritySettingsBody {
  /** Digest of the signatures in what it issues. Default sha256. */
  @IsOptional()
  @IsIn(SIGNATURE_DIGESTS)
  digest?: SignatureDigest | null;

  /**
   * Who speaks SCEP: the CA key itself (none), one RA certificate (single), or one for signatures and one for encryption
   * (pair). Default: none where key and certificate of the CA can sign and decrypt, single where not.
   */
  @IsOptional()
  @IsIn(RA_CERTIFICATE_MODES)
  raCertificate?: RaCertificateMode | null;

  /** Default RSA-2048. */
  @IsOptional()
  @IsIn(RA_KEY_ALGORITHMS)
  raKeyAlgorithm?: RaKeyAlgorithm | null;

  /** Default 730. RA certificates are renewed by themselves when a third of it is left. */
  @IsOptional()
  @IsInt()
  @Min(RA_VALIDITY_DAYS.min)
  @Max(RA_VALIDITY_DAYS.max)
  raValidityDays?: number | null;

  /** Whether CA certificates that are made from now on allow dataEncipherment, where the CA key speaks SCEP. Default false. */
  @IsOptional()
  @IsBoolean()
  dataEncipherment?: boolean | null;

  /** From thisUpdate to nextUpdate of a CRL. Default 24. */
  @IsOptional()
  @IsInt()
  @Min(CRL_VALIDITY_HOURS.min)
  @Max(CRL_VALIDITY_HOURS.max)
  crlValidityHours?: number | null;

  /** How long before its nextUpdate a CRL is followed by the next, half of its validity at most. Default 10. */
  @IsOptional()
  @IsInt()
  @Min(CRL_OVERLAP_MINUTES.min)
  @Max(CRL_OVERLAP_MINUTES.max)
  crlOverlapMinutes?: number | null;

  /** False: a revocation waits for the next CRL that is due. Default true: it is followed by one at once. */
  @IsOptional()
  @IsBoolean()
  crlOnRevocation?: boolean | null;

  /** How long after a rollover the previous key still opens messages that come late. Default 168, seven days. */
  @IsOptional()
  @IsInt()
  @Min(ROLLOVER_OVERLAP_HOURS.min)
  @Max(ROLLOVER_OVERLAP_HOURS.max)
  rolloverOverlapHours?: number | null;

  /** Whether a key that it has certified for one end entity is certified for no other. Default false. */
  @IsOptional()
  @IsBoolean()
  uniquePublicKeys?: boolean | null;

  /** Whether a subject that it has certified for one end entity is certified for no other. Default false. */
  @IsOptional()
  @IsBoolean()
  uniqueSubjects?: boolean | null;
}

/** A new authority: `name` and `subject` for a root, `issuer` or `externalIssuer` besides for others, `pkcs12` for one that exists. */
export class NewAuthorityBody {
  @Matches(AUTHORITY_NAME, { message: AUTHORITY_NAME_RULE })
  name: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string | null;

  /** Distinguished name, such as `CN=Management CA,O=PrimeKey,C=SE`. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_SUBJECT)
  subject?: string | null;

  /** Default RSA-2048. */
  @IsOptional()
  @IsIn(KEY_ALGORITHMS)
  keyAlgorithm?: KeyAlgorithm | null;

  /** Default 3650 for a root, 1825 for a subordinate, which ends with its issuer at the latest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_VALIDITY_DAYS)
  validityDays?: number | null;

  /** Name of the authority of this gateway that signs the certificate; without, the authority is a root. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_SUBJECT)
  issuer?: string | null;

  /** True: a CA elsewhere will sign; the authority waits for its certificate. */
  @IsOptional()
  @IsBoolean()
  externalIssuer?: boolean | null;

  /** A PKCS #12 file with key and certificate of a CA, in base64. */
  @IsOptional()
  @IsBase64()
  @MaxLength(MAX_FILE)
  pkcs12?: string | null;

  /** Password of the PKCS #12 file. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_PASSWORD)
  password?: string | null;

  /** Certificates that the PKCS #12 file lacks: PEM, or base64 of DER or PKCS #7. */
  @IsOptional()
  @IsString()
  @MaxLength(MAX_FILE)
  chain?: string | null;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AuthoritySettingsBody)
  settings?: AuthoritySettingsBody | null;
}

/** What may be changed of an authority; what is absent stays, null brings the default back. */
export class ChangeAuthorityBody {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string | null;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AuthoritySettingsBody)
  settings?: AuthoritySettingsBody | null;
}

/** Another name for an authority. */
export class RenameAuthorityBody {
  @Matches(AUTHORITY_NAME, { message: AUTHORITY_NAME_RULE })
  name: string;
}

/** The answer of an external root. */
export class ImportCertificateBody {
  /** CA certificate and chain up to the root: PEM, or base64 of a PKCS #7 bundle. */
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_FILE)
  certificates: string;
}
