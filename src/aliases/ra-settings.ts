import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import type { AuthenticatedSettings, ChallengeKindName } from '../challenges/challenge-settings';
import { ChallengeInput, MAX_PASSWORD } from '../challenges/challenge.input';
import type { FieldProblem } from '../common/checked-input';
import { DerError } from '../pki/der/der-error';
import { attributeOid } from '../pki/x509/attribute-type';
import { Certificate } from '../pki/x509/certificate';
import { readPem } from '../pki/x509/pem';
import { DEFAULT_CERTIFICATE_PROFILE, DEFAULT_END_ENTITY_PROFILE, MAX_PROFILE_NAME } from '../profiles/profile-name';

/** How the user name of an end entity is made that the gateway registers, in EJBCA's words. */
export const NAME_SCHEMES = ['DN', 'RANDOM', 'FIXED', 'USERNAME'] as const;

/** One of {@link NAME_SCHEMES}. */
export type NameScheme = (typeof NAME_SCHEMES)[number];

/**
 * What an enrolment gets whose end entity has a certificate already. `byChallenge`: `reenrol` where the challenge is bound to
 * the device, `approval` where an officer stands in its place, else `refuse`.
 */
const EXISTING_END_ENTITY_RULES = ['byChallenge', 'refuse', 'sameKey', 'approval', 'reenrol'] as const;

/** One of {@link EXISTING_END_ENTITY_RULES}. */
export type ExistingEndEntityRule = (typeof EXISTING_END_ENTITY_RULES)[number];

/** `ra.nameGeneration` of an alias. */
export interface NameGeneration {
  readonly scheme: NameScheme;
  /** DN: attributes of the subject, separated by semicolons, of which the first that is there counts. FIXED: the name. */
  readonly parameters: string;
  /** Stand around the name; `${RANDOM}` in them is 12 random letters and digits. */
  readonly prefix: string;
  readonly postfix: string;
}

/** `ra` of an alias: what an end entity is that the gateway registers in RA mode. */
export interface RaSettings {
  /** Name of the authority that registers, which is the alias's first; empty: whichever of the alias's is addressed. */
  readonly authority: string;
  /** Name of a certificate profile. */
  readonly certificateProfile: string;
  /** Name of an end entity profile. */
  readonly endEntityProfile: string;
  readonly nameGeneration: NameGeneration;
  /** The one challengePassword of all requests, for the kind of challenge `static`. Masked. */
  readonly authenticationPassword: string;
  /** What is done with an end entity of that name that has a certificate already. */
  readonly existingEndEntity: ExistingEndEntityRule;
  /** Certificates of RAs that sign for many devices, PEM text with one or more each. */
  readonly signers: readonly string[];
  /** Whether the signature of such an RA stands for the challenge. */
  readonly signersAuthenticate: boolean;
}

/** By which authority and profiles an alias registers, by id. */
export interface AliasRegistration {
  /** Undefined: by whichever of the alias's authorities is addressed. */
  readonly authorityId: number | undefined;
  readonly certificateProfileId: number;
  readonly endEntityProfileId: number;
}

/** What a field of {@link RaSettings} is when it is not given: EJBCA's defaults. */
export const RA_DEFAULTS: RaSettings = {
  authority: '',
  certificateProfile: DEFAULT_CERTIFICATE_PROFILE,
  endEntityProfile: DEFAULT_END_ENTITY_PROFILE,
  authenticationPassword: '',
  nameGeneration: { scheme: 'DN', parameters: 'CN', prefix: '', postfix: '' },
  existingEndEntity: 'byChallenge',
  signers: [],
  signersAuthenticate: false,
};

/** `ra.nameGeneration` of an alias as it is given. */
export class NameGenerationInput {
  @IsOptional()
  @IsIn(NAME_SCHEMES)
  scheme?: NameScheme;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  parameters?: string;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  prefix?: string;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  postfix?: string;
}

/** `ra` of an alias as it is given. */
export class RaInput {
  @IsOptional()
  @IsString()
  @MaxLength(64)
  authority?: string;

  @IsOptional()
  @IsString()
  @Length(1, MAX_PROFILE_NAME)
  certificateProfile?: string;

  @IsOptional()
  @IsString()
  @Length(1, MAX_PROFILE_NAME)
  endEntityProfile?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_PASSWORD)
  authenticationPassword?: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => NameGenerationInput)
  nameGeneration?: NameGenerationInput;

  @IsOptional()
  @IsIn(EXISTING_END_ENTITY_RULES)
  existingEndEntity?: ExistingEndEntityRule;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(16_384, { each: true })
  signers?: string[];

  @IsOptional()
  @IsBoolean()
  signersAuthenticate?: boolean;
}

/** Nobody has an enrolment code in RA mode: there the default is one challengePassword for all, as in EJBCA. */
export function withModeDefaults<T extends { operationalMode?: 'CA' | 'RA'; challenge?: ChallengeInput }>(input: T): T {
  if (input.operationalMode === 'RA' && input.challenge?.kind == null)
    input.challenge = Object.assign(new ChallengeInput(), input.challenge, { kind: 'static' });
  return input;
}

/** Kinds of challenge that speak for one registered end entity, and for nobody who could be registered by them. */
const OF_REGISTERED: readonly ChallengeKindName[] = ['end-entity', 'manufacturer'];

/** What is to be said of settings in RA mode as a whole, and of `ra` in either mode. */
export function raProblems(
  { operationalMode, challenge, ra }: AuthenticatedSettings & { readonly ra: RaSettings },
  authorities: readonly string[] | undefined,
): FieldProblem[] {
  const problems = nameGenerationProblems(ra.nameGeneration);
  ra.signers.forEach((text, index) => {
    if (signersIn([text]).length === 0)
      problems.push({ field: `ra.signers[${index}]`, message: 'must be certificates as PEM text' });
  });
  if (operationalMode === 'RA' && OF_REGISTERED.includes(challenge.kind))
    problems.push({
      field: 'challenge.kind',
      message: `must be another one in RA mode, for ${challenge.kind} is for those who are registered beforehand`,
    });
  if (ra.authority !== '' && authorities !== undefined && authorities[0] !== ra.authority)
    problems.push({
      field: 'ra.authority',
      message: 'must be the first of authorities, for that is the one that devices are given',
    });
  return problems;
}

/** The certificates of such texts whose keys can be read; what is none is passed over, for it was refused when it was set. */
export function signersIn(texts: readonly string[]): Certificate[] {
  return texts.flatMap((text) => {
    try {
      const certificates = readPem(text).map(({ der }) => Certificate.read(der));
      return certificates.every(({ publicKey }) => publicKey.bits > 0) ? certificates : [];
    } catch (error) {
      if (error instanceof DerError) return [];
      throw error;
    }
  });
}

/** What cannot be seen in a user name, or would end a line of a log. */
const UNUSABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What the decorators of {@link NameGenerationInput} cannot find: whether there is a name to be had from it at all. */
export function nameGenerationProblems({ scheme, parameters, prefix, postfix }: NameGeneration): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const texts = { parameters, prefix, postfix };
  for (const [name, text] of Object.entries(texts))
    if (UNUSABLE.test(text))
      problems.push({ field: `ra.nameGeneration.${name}`, message: 'must have no invisible character' });
  const field = 'ra.nameGeneration.parameters';
  if (scheme === 'FIXED' && parameters.trim() === '')
    problems.push({ field, message: 'must be the name, for the scheme FIXED' });
  if (scheme === 'DN')
    nameAttributes(parameters).forEach((name) => {
      if (attributeOid(name) === undefined)
        problems.push({
          field,
          message:
            'must be attributes of a subject separated by semicolons, such as CN;SERIALNUMBER, for the scheme DN',
        });
    });
  return problems;
}

/** The attributes that `parameters` names for the scheme DN, at least one. */
export const nameAttributes = (parameters: string): string[] => parameters.split(';').map((name) => name.trim());
