import { IsBoolean, IsIn, IsInt, IsOptional } from 'class-validator';

/** How NDES's page is encoded. */
export const NDES_ENCODINGS = ['utf-16le-nobom', 'utf-16le-bom', 'utf-8'] as const;

/** One of {@link NDES_ENCODINGS}. */
export type NdesEncoding = (typeof NDES_ENCODINGS)[number];

/** How many bytes a one-time challenge of NDES's page has; it is shown as twice as many hexadecimal digits. */
const NDES_PASSWORD_LENGTHS = [8, 16] as const;

/** `ndes` of an alias: the page from which programs read challenges (docs/ndes.md). */
export interface NdesSettings {
  readonly encoding: NdesEncoding;
  /** In bytes. */
  readonly passwordLength: (typeof NDES_PASSWORD_LENGTHS)[number];
  /** Whether the page shows the static challenge, which nothing else ever shows. */
  readonly showStaticPassword: boolean;
}

/** What a field of {@link NdesSettings} is when it is not given. */
export const NDES_DEFAULTS: NdesSettings = {
  encoding: 'utf-16le-nobom',
  passwordLength: 8,
  showStaticPassword: false,
};

/** `ndes` of an alias as it is given. */
export class NdesInput {
  @IsOptional()
  @IsIn(NDES_ENCODINGS)
  encoding?: NdesEncoding;

  @IsOptional()
  @IsInt()
  @IsIn(NDES_PASSWORD_LENGTHS)
  passwordLength?: (typeof NDES_PASSWORD_LENGTHS)[number];

  @IsOptional()
  @IsBoolean()
  showStaticPassword?: boolean;
}
