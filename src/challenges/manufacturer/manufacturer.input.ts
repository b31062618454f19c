import { ArrayMaxSize, IsArray, IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';

/** `challenge.manufacturer` of an alias as it is given. */
export class ManufacturerInput {
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @MaxLength(65_536, { each: true })
  roots?: string[];

  @IsOptional()
  @IsString()
  @MaxLength(200)
  username?: string;

  @IsOptional()
  @IsBoolean()
  acceptExpired?: boolean;
}
