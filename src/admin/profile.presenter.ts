import type { StoredProfile } from '../profiles/profile.registry';
import { moment, schemaOfDefaults, text, type Answer } from './openapi/documented';

/** A profile as it is answered: every field, given or not. */
export type ProfileView<Settings extends object> = Settings & {
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** {@link ProfileView} in the OpenAPI document. */
export const profileAnswer = (name: string, defaults: object): Answer => ({
  name,
  properties: { name: text, ...schemaOfDefaults(defaults), createdAt: moment, updatedAt: moment },
});

/** Makes the view of a profile: of its settings just those that have a default, not what is derived from them. */
export function profileView<Settings extends object>(
  defaults: Settings,
  { name, settings, createdAt, updatedAt }: StoredProfile<Settings>,
): ProfileView<Settings> {
  const fields = Object.keys(defaults) as (keyof Settings)[];
  const shown = Object.fromEntries(fields.map((field) => [field, settings[field]])) as Settings;
  return { name, ...shown, createdAt, updatedAt };
}
