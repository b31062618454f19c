import { GENERAL_NAME_TYPES } from '../pki/x509/general-name';
import type { AltNameField, AltNamePatterns } from './alt-name-fields';
import type { SubjectAltNameType } from './certificate-profile';
import type { SubjectFields, SubjectPatterns } from './subject-fields';

/** The most requests that an end entity can be allowed. */
export const MAX_ALLOWED_REQUESTS = 1_000_000;

/** What an end entity may be: every field, checked and immutable. */
export interface EndEntityProfileSettings {
  /** For the administrator. */
  readonly description: string;
  /** Attributes that a subject may have (`CN`, `OU`, a dotted identifier …); none named: any. */
  readonly allowedSubjectAttributes: readonly string[];
  /** Attributes that a subject must have. */
  readonly requiredSubjectAttributes: readonly string[];
  /** Attributes that a subject gets which has none of that type, as a name: `OU=Devices,C=SE`. */
  readonly defaultSubject: string;
  /** Attributes that each subject gets, and that it may not have with another value. */
  readonly fixedSubject: string;
  /** What values attributes may have, each as `CN=*.example.com`; an attribute that is not named: any. */
  readonly allowedSubjectValues: readonly string[];
  /** Types of subjectAltNames that an end entity may have. */
  readonly subjectAltNameTypes: readonly SubjectAltNameType[];
  /** Types of which it must have one. */
  readonly requiredSubjectAltNames: readonly SubjectAltNameType[];
  /** Names that it gets if it has none of that type: `dns:${CN}.example.com`. */
  readonly defaultSubjectAltNames: readonly string[];
  /** Names that it gets, and of whose types it may have no other. */
  readonly fixedSubjectAltNames: readonly string[];
  /** What names of a type may be, each as `dns:*.example.com`; a type that is not named: any. */
  readonly allowedSubjectAltNameValues: readonly string[];
  /** Authorities that it may have, by name, the first being the default; none named: any. */
  readonly authorities: readonly string[];
  /** Certificate profiles that it may have, by name, the first being the default; none named: any. */
  readonly certificateProfiles: readonly string[];
  /** How many requests an end entity is allowed that says nothing of it. */
  readonly defaultAllowedRequests: number;
  /** The most that it may be allowed. */
  readonly maximumAllowedRequests: number;
  /** After how many wrong challenges a source is locked out of it; 0: as the alias says. */
  readonly failedAttempts: number;
}

/** What an end entity profile says of names, read. */
export interface NameRules {
  /** `allowedSubjectAttributes` as dotted identifiers; undefined: any. */
  readonly allowedSubjectOids: ReadonlySet<string> | undefined;
  /** `requiredSubjectAttributes` as dotted identifiers, by the name that was given. */
  readonly requiredSubjectOids: ReadonlyMap<string, string>;
  /** `defaultSubject`. */
  readonly defaultFields: SubjectFields;
  /** `fixedSubject`. */
  readonly fixedFields: SubjectFields;
  /** `allowedSubjectValues`. */
  readonly subjectPatterns: SubjectPatterns;
  readonly subjectAltNameTypes: readonly SubjectAltNameType[];
  readonly requiredSubjectAltNames: readonly SubjectAltNameType[];
  /** `defaultSubjectAltNames`. */
  readonly defaultAltNames: readonly AltNameField[];
  /** `fixedSubjectAltNames`. */
  readonly fixedAltNames: readonly AltNameField[];
  /** `allowedSubjectAltNameValues`. */
  readonly altNamePatterns: AltNamePatterns;
}

/** An end entity profile with what is derived from its settings. */
export interface EndEntityProfile extends EndEntityProfileSettings, NameRules {
  readonly id: number;
  readonly name: string;
}

/** What a field of an end entity profile is when it is not given: anything goes. */
export const END_ENTITY_PROFILE_DEFAULTS: EndEntityProfileSettings = {
  description: '',
  allowedSubjectAttributes: [],
  requiredSubjectAttributes: [],
  defaultSubject: '',
  fixedSubject: '',
  allowedSubjectValues: [],
  subjectAltNameTypes: GENERAL_NAME_TYPES,
  requiredSubjectAltNames: [],
  defaultSubjectAltNames: [],
  fixedSubjectAltNames: [],
  allowedSubjectAltNameValues: [],
  authorities: [],
  certificateProfiles: [],
  defaultAllowedRequests: 1,
  maximumAllowedRequests: MAX_ALLOWED_REQUESTS,
  failedAttempts: 0,
};
