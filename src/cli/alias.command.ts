import type { Command } from 'commander';
import { type CommandContext, type GatewayOptions, withGatewayOptions } from './command-context';
import { addDelete, addList, addRename, addShow, load, positiveInteger } from './resource-commands';
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
  addFailedSources(alias, context);
  addUnlock(alias, context);
}

const SOURCE_COLUMNS = [
  { heading: 'SOURCE', field: 'source' },
  { heading: 'WRONG CHALLENGES', field: 'failures' },
  { heading: 'LAST', field: 'lastFailureAt' },
  { heading: 'LOCKED UNTIL', field: 'lockedUntil' },
] as const;

function addFailedSources(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('failed-sources').description('list who has tried wrong challenges at one alias'))
    .argument('<name>')
    .option('--limit <n>', 'at most so many', positiveInteger, 100)
    .action(async (name: string, options: GatewayOptions & { readonly limit: number }) => {
      const [client, { showListing }, { resourcePath }] = await load(options, context);
      const listing = await client.list(resourcePath(ALIAS.collection, name, 'failed-sources'), {}, options.limit);
      showListing(context.terminal, options, listing, SOURCE_COLUMNS);
    });
}

function addUnlock(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('unlock').description('forget wrong challenges tried at one alias'))
    .argument('<name>')
    .option('--source <address>', 'only those of this source, as failed-sources shows it')
    .action(async (name: string, options: GatewayOptions & { readonly source?: string }) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const { source } = options;
      await client.post(resourcePath(ALIAS.collection, name, 'unlock'), { source });
      const done = source === undefined ? 'nobody is locked out' : `${source} is not locked out`;
      showDone(context.terminal, options, {}, `${done} of alias ${name}`);
    });
}
