import { ALIAS_DEFAULTS, type AliasSettings } from '../../aliases/alias';
import { aliasWarnings } from '../../aliases/alias-warnings';
import type { StoredAlias } from '../../aliases/alias.registry';
import {
  integer,
  listOf,
  moment,
  optionalMoment,
  optionalText,
  schemaOfDefaults,
  text,
  type Answer,
} from '../openapi/documented';

/** An alias as it is answered: every field, given or not. */
export interface AliasView extends AliasSettings {
  readonly name: string;
  readonly authorities: readonly string[];
  /** What is dangerous about it, in sentences; mostly none. */
  readonly warnings: readonly string[];
  /** Why it issues nothing: all its certificate profiles are switched off; null where it does. */
  readonly unavailable: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** {@link AliasView} in the OpenAPI document. */
export const ALIAS_ANSWER: Answer = {
  name: 'Alias',
  properties: {
    name: text,
    authorities: listOf(text),
    ...schemaOfDefaults(ALIAS_DEFAULTS),
    warnings: listOf(text),
    unavailable: optionalText,
    createdAt: moment,
    updatedAt: moment,
  },
};

/** A source that has failed challenges of an alias, in the OpenAPI document. */
export const FAILED_SOURCE_ANSWER: Answer = {
  name: 'FailedSource',
  properties: { source: text, failures: integer, lastFailureAt: moment, lockedUntil: optionalMoment },
};

/** Makes the view. */
export function aliasView({ name, authorities, settings, unavailable, createdAt, updatedAt }: StoredAlias): AliasView {
  const warnings = aliasWarnings(settings);
  return { name, authorities, ...settings, warnings, unavailable, createdAt, updatedAt };
}
