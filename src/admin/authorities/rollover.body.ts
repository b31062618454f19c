import { IsIn, IsInt, IsISO8601, IsOptional, Max, Min } from 'class-validator';
import { ROLLOVER_OVERLAP_HOURS } from '../../authorities/authority-settings';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../keys/key-algorithm';
import { MAX_VALIDITY_DAYS } from './authority.body';

/** A rollover; what is absent has its default. */
export class RolloverBody {
  /** A key of its own for the next generation (new, the default), or the present one (same). */
  @IsOptional()
  @IsIn(['new', 'same'])
  key?: 'new' | 'same' | null;

  /** Of a new key. Default: that of the present one. */
  @IsOptional()
  @IsIn(KEY_ALGORITHMS)
  keyAlgorithm?: KeyAlgorithm | null;

  /** Default: as long as the present certificate. A subordinate ends with its issuer at the latest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_VALIDITY_DAYS)
  validityDays?: number | null;

  /**
   * When the next generation takes its turn by itself. Default: when it is told to, or the present CA certificate has
   * ended.
   */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true }, { message: 'must be a moment in ISO 8601, with its time zone' })
  activateAt?: string | null;

  /** From when on the next CA certificate is valid: from its turn (switch, the default) or at once (now). */
  @IsOptional()
  @IsIn(['switch', 'now'])
  validFrom?: 'switch' | 'now' | null;

  /** How long the present key opens late messages after that. Default: `rolloverOverlapHours` of the settings. */
  @IsOptional()
  @IsInt()
  @Min(ROLLOVER_OVERLAP_HOURS.min)
  @Max(ROLLOVER_OVERLAP_HOURS.max)
  overlapHours?: number | null;
}
