import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import type { SubjectAltNameType } from './certificate-profile';

/** What an end entity may be: every field, checked and immutable. */
export interface EndEntityProfileSettings {
  /** For the administrator. */
  readonly description: string;
  /** Attributes that a subject may have (`CN`, `OU`, a dotted identifier …); none named: any. */
  readonly allowedSubjectAttributes: readonly string[];
  /** Attributes that a subject must have. */
  readonly requiredSubjectAttributes: readonly string[];
  /** Types of subjectAltNames that an end entity may have. */
  readonly subjectAltNameTypes: readonly SubjectAltNameType[];
}

/** An end entity profile with what is derived from its settings. */
export interface EndEntityProfile extends EndEntityProfileSettings {
  readonly id: number;
  readonly name: string;
  /** `allowedSubjectAttributes` as dotted identifiers; undefined: any. */
  readonly allowedSubjectOids: ReadonlySet<string> | undefined;
  /** `requiredSubjectAttributes` as dotted identifiers, by the name that was given. */
  readonly requiredSubjectOids: ReadonlyMap<string, string>;
}

/** What a field of an end entity profile is when it is not given: anything goes. */
export const END_ENTITY_PROFILE_DEFAULTS: EndEntityProfileSettings = {
  description: '',
  allowedSubjectAttributes: [],
  requiredSubjectAttributes: [],
  subjectAltNameTypes: GENERAL_NAME_TYPES,
};
