import { IsIn } from 'class-validator';
import { REVOCATION_REASON_NAMES, type RevocationReason } from '../../certificates/revocation-reason';
import { IsFilterText } from '../filter-text';
import { PageQuery } from '../pagination';

/** Which certificates are listed. */
export class CertificatesQuery extends PageQuery {
  @IsFilterText()
  username?: string;

  @IsFilterText()
  authority?: string;

  @IsFilterText()
  alias?: string;

  /** Hexadecimal, with or without colons. */
  @IsFilterText()
  serialNumber?: string;
}

/** Why a certificate is revoked. */
export class RevocationBody {
  /** RFC 5280 section 5.3.1; certificateHold is taken back by removeFromCRL. */
  @IsIn(REVOCATION_REASON_NAMES)
  reason: RevocationReason;
}
