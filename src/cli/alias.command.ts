import type { Command } from 'commander';
import type { CommandContext } from './command-context';
import { addDelete, addList, addRename, addShow } from './resource-commands';
import { addChangeWithSettings, addCreateWithSettings, type ConfiguredResource } from './settings-commands';

const ALIAS: ConfiguredResource = {
  noun: 'alias',
  argument: 'name',
  collection: 'aliases',
  hasSecrets: true,
  template: async () => ({ authorities: [], ...(await import('../aliases/alias.js')).ALIAS_DEFAULTS }),
};

const COLUMNS = [
  { heading: 'NAME', field: 'name' },
  { heading: 'ENABLED', field: 'enabled' },
  { heading: 'MODE', field: 'operationalMode' },
  { heading: 'AUTHORITIES', field: 'authorities' },
  { heading: 'DEVICE PROFILE', field: 'deviceProfile' },
  { heading: 'DESCRIPTION', field: 'description' },
] as const;

/** `scep-gateway alias`: the SCEP endpoints. */
export function addAliasCommand(program: Command, context: CommandContext): void {
  const alias = program.command('alias').description('SCEP endpoints (docs/alias-settings.md tells their fields)');
  addList(alias, context, { plural: 'aliases', collection: ALIAS.collection, columns: COLUMNS });
  addShow(alias, context, ALIAS);
  addCreateWithSettings(alias, context, ALIAS);
  addChangeWithSettings(alias, context, ALIAS);
  addRename(alias, context, ALIAS);
  addDelete(alias, context, ALIAS);
}
