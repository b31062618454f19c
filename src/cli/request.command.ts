import type { Command } from 'commander';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import { addList, load, positiveInteger } from './resource-commands';

const COLUMNS = [
  { heading: 'RECEIVED', field: 'receivedAt' },
  { heading: 'ALIAS', field: 'alias' },
  { heading: 'SOURCE', field: 'source' },
  { heading: 'TYPE', field: 'messageType' },
  { heading: 'USERNAME', field: 'username' },
  { heading: 'OUTCOME', field: 'outcome' },
  { heading: 'RULE', field: 'rule' },
  { heading: 'EXPLANATION', field: 'explanation' },
  { heading: 'TRANSACTION ID', field: 'transactionID' },
] as const;

const UNDECODABLE_COLUMNS = [
  { heading: 'DAY', field: 'day' },
  { heading: 'ALIAS', field: 'alias' },
  { heading: 'CAUSE', field: 'cause' },
  { heading: 'TIMES', field: 'occurrences' },
  { heading: 'LAST SOURCE', field: 'lastSource' },
  { heading: 'LAST', field: 'lastAt' },
] as const;

const ALIAS_FILTER = { flags: '--alias <name>', description: 'only those to this alias', parameter: 'alias' };

/** `scep-gateway request`: the request log, to find why a device was refused. */
export function addRequestCommand(program: Command, context: CommandContext): void {
  const request = program.command('request').description('the request log: what devices asked and why they got what');
  addList(request, context, {
    plural: 'requests, the newest first',
    collection: 'requests',
    columns: COLUMNS,
    filters: [
      { flags: '--transaction-id <id>', description: 'only those with this transactionID', parameter: 'transactionID' },
      { flags: '--username <username>', description: 'only those that name this end entity', parameter: 'username' },
      ALIAS_FILTER,
      { flags: '--outcome <outcome>', description: 'issued, repeated, refused, failed …', parameter: 'outcome' },
      { flags: '--since <time>', description: 'only those since then, in ISO 8601', parameter: 'since' },
      { flags: '--until <time>', description: 'only those until then, in ISO 8601', parameter: 'until' },
    ],
  });
  addShow(request, context);
  addList(request, context, {
    command: 'undecodable',
    plural: 'what was no SCEP message, by day, alias and cause',
    collection: 'requests/undecodable',
    columns: UNDECODABLE_COLUMNS,
    filters: [ALIAS_FILTER],
  });
}

/** Devices show a transactionID, not our id of the request; several requests can have the same one. */
function addShow(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('show').description('show requests with every field, the newest first'))
    .argument('<transaction-id>')
    .option('--limit <n>', 'at most so many', positiveInteger, 10)
    .action(async (transactionID: string, options: GatewayOptions & { readonly limit: number }) => {
      const [client, { showDetails }] = await load(options, context);
      const listing = await client.list('/requests', { transactionID }, options.limit);
      if (listing.items.length === 0)
        throw new CommandError(ExitCode.refused, 'the request log holds no request with this transactionID');
      showDetails(context.terminal, options, listing);
    });
}
