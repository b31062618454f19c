import { IsBoolean, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

const MAX_SECRET = 1024;

/** What goes into a header as it is. */
const VISIBLE_ASCII = /^[\x21-\x7e]*$/;

/** `challenge.webhook` of an alias as it is given. */
export class WebhookInput {
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  url?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_SECRET)
  secret?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_SECRET)
  @Matches(VISIBLE_ASCII, { message: 'bearerToken must be of visible ASCII characters' })
  bearerToken?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_SECRET)
  @Matches(/^[^:\p{Cc}]*$/u, { message: 'username must not have a colon or a control character' })
  username?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_SECRET)
  @Matches(/^\P{Cc}*$/u, { message: 'password must not have a control character' })
  password?: string;

  @IsOptional()
  @IsString()
  @MaxLength(65_536)
  caCertificates?: string;

  @IsOptional()
  @IsBoolean()
  allowHttp?: boolean;

  @IsOptional()
  @IsBoolean()
  allowLoopback?: boolean;

  @IsOptional()
  @IsInt()
  @Min(100)
  @Max(60_000)
  timeout?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(10)
  attempts?: number;
}
