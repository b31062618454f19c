import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { DailyInput } from './daily/daily-settings';
import { CHALLENGE_KINDS, type ChallengeKindName } from './challenge-settings';
import { IntuneInput } from './intune/intune-settings';
import { ManufacturerInput } from './manufacturer/manufacturer.input';
import { OneTimeInput } from './one-time/one-time-settings';
import { WebhookInput } from './webhook/webhook.input';

/** Longest challengePassword of an alias, in characters: longer ones find room in no device's configuration. */
export const MAX_PASSWORD = 1024;

/** `challenge` of an alias as it is given. */
export class ChallengeInput {
  @IsOptional()
  @IsIn(CHALLENGE_KINDS)
  kind?: ChallengeKindName;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_PASSWORD)
  password?: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => DailyInput)
  daily?: DailyInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => OneTimeInput)
  oneTime?: OneTimeInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => IntuneInput)
  intune?: IntuneInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ManufacturerInput)
  manufacturer?: ManufacturerInput;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookInput)
  webhook?: WebhookInput;
}
