import type { Command } from 'commander';
import type { CommandContext } from './command-context';
import { addDelete, addList, addRename, addShow } from './resource-commands';
import { addChangeWithSettings, addCreateWithSettings, type ConfiguredResource } from './settings-commands';
import type { Column } from './table';

/** One of the two kinds of profile. */
interface ProfileKind extends ConfiguredResource {
  readonly plural: string;
  readonly columns: readonly Column[];
}

const CERTIFICATE_PROFILE: ProfileKind = {
  noun: 'certificate profile',
  plural: 'certificate profiles',
  argument: 'name',
  collection: 'certificate-profiles',
  columns: [
    { heading: 'NAME', field: 'name' },
    { heading: 'ENABLED', field: 'enabled' },
    { heading: 'VALIDITY', field: 'validity' },
    { heading: 'KEY USAGE', field: 'keyUsage' },
    { heading: 'EXTENDED KEY USAGE', field: 'extendedKeyUsage' },
    { heading: 'DESCRIPTION', field: 'description' },
  ],
  template: async () => (await import('../profiles/certificate-profile.js')).CERTIFICATE_PROFILE_DEFAULTS,
};

const END_ENTITY_PROFILE: ProfileKind = {
  noun: 'end entity profile',
  plural: 'end entity profiles',
  argument: 'name',
  collection: 'end-entity-profiles',
  columns: [
    { heading: 'NAME', field: 'name' },
    { heading: 'REQUIRED', field: 'requiredSubjectAttributes' },
    { heading: 'ALLOWED', field: 'allowedSubjectAttributes' },
    { heading: 'DESCRIPTION', field: 'description' },
  ],
  template: async () => (await import('../profiles/end-entity-profile.js')).END_ENTITY_PROFILE_DEFAULTS,
};

/** `scep-gateway profile certificate|end-entity`: what certificates and end entities may be. */
export function addProfileCommand(program: Command, context: CommandContext): void {
  const profile = program.command('profile').description('what certificates say and what end entities may be');
  addKind(profile.command('certificate').description('certificate profiles'), context, CERTIFICATE_PROFILE);
  addKind(profile.command('end-entity').description('end entity profiles'), context, END_ENTITY_PROFILE);
}

function addKind(parent: Command, context: CommandContext, kind: ProfileKind): void {
  addList(parent, context, kind);
  addShow(parent, context, kind);
  addCreateWithSettings(parent, context, kind);
  addChangeWithSettings(parent, context, kind);
  addRename(parent, context, kind);
  addDelete(parent, context, kind);
}
