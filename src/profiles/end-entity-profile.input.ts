import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { checkedInput, invalidInput, type FieldProblem } from '../common/checked-input';
import { withDefaults } from '../common/settings';
import { attributeOid } from '../pki/x509/attribute-type';
import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import type { SubjectAltNameType } from './certificate-profile';
import {
  END_ENTITY_PROFILE_DEFAULTS,
  type EndEntityProfile,
  type EndEntityProfileSettings,
} from './end-entity-profile';
import { MAX_DESCRIPTION } from './profile-name';

/** The settings of an end entity profile as they are given: see {@link EndEntityProfileSettings} for the fields. */
export class EndEntityProfileInput {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  description?: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(64)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  allowedSubjectAttributes?: string[];

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(64)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(128, { each: true })
  requiredSubjectAttributes?: string[];

  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(GENERAL_NAME_TYPES, { each: true })
  subjectAltNameTypes?: SubjectAltNameType[];
}

/** Everything about an end entity profile that follows from its settings. */
export type CheckedEndEntityProfile = Omit<EndEntityProfile, 'id' | 'name'>;

/**
 * Checks settings as a whole and fills in the defaults.
 *
 * @param given any JSON value; null fields are as good as absent
 * @returns frozen
 * @throws ServiceError `invalid-input` naming all mistakes
 */
export function checkedEndEntityProfile(given: unknown): CheckedEndEntityProfile {
  const input = checkedInput(EndEntityProfileInput, given);
  const settings = withDefaults<EndEntityProfileSettings>(input, END_ENTITY_PROFILE_DEFAULTS);
  const problems: FieldProblem[] = [];
  const oids = (field: 'allowedSubjectAttributes' | 'requiredSubjectAttributes'): Map<string, string> => {
    const found = new Map<string, string>();
    settings[field].forEach((name, index) => {
      const oid = attributeOid(name);
      if (oid === undefined)
        problems.push({
          field: `${field}[${index}]`,
          message: 'must be an attribute of a name, such as CN or 2.5.4.3',
        });
      else found.set(name, oid);
    });
    return found;
  };
  const allowed = new Set(oids('allowedSubjectAttributes').values());
  const required = oids('requiredSubjectAttributes');
  if (allowed.size > 0 && [...required.values()].some((oid) => !allowed.has(oid)))
    problems.push({ field: 'requiredSubjectAttributes', message: 'must be among allowedSubjectAttributes' });
  if (problems.length > 0) throw invalidInput(problems);
  return Object.freeze({
    ...settings,
    allowedSubjectOids: allowed.size === 0 ? undefined : allowed,
    requiredSubjectOids: required,
  });
}
