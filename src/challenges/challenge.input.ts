import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { CHALLENGE_KINDS, type ChallengeKindName } from './challenge-settings';

/** Longer ones find room in no device's configuration. */
const MAX_PASSWORD = 1024;

/** `challenge` of an alias as it is given. */
export class ChallengeInput {
  @IsOptional()
  @IsIn(CHALLENGE_KINDS)
  kind?: ChallengeKindName;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_PASSWORD)
  password?: string;
}
