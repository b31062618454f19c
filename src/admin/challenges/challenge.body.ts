import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import type { OneTimeBinding } from '../../challenges/one-time/one-time-binding';
import { IsUsername, SubjectAltNameInput } from '../../end-entities/end-entity.input';

/** What a one-time challenge is to be good for; what is absent does not restrict it. */
export class OneTimeBindingBody implements OneTimeBinding {
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  subject?: string | null;

  /** All of them; absent beside a subject: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => SubjectAltNameInput)
  subjectAltNames?: SubjectAltNameInput[] | null;

  @IsOptional()
  @IsString()
  @Length(1, 64)
  certificateProfile?: string | null;

  @IsOptional()
  @IsUsername()
  username?: string | null;
}

/** A one-time challenge that is wanted. */
export class NewOneTimeChallengeBody {
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => OneTimeBindingBody)
  binding?: OneTimeBindingBody;

  /** A period such as 10m, at most the alias's challenge.oneTime.lifetime, which is the default. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  lifetime?: string;
}
