import type { Command } from 'commander';
import { collect, withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { addDelete, addList, addRename, addShow, load, trueOrFalse } from './resource-commands';
import type { Resource } from './table';

const RA_ACCOUNT = { noun: 'RA account', argument: 'name', collection: 'ra-accounts' } as const;

const COLUMNS = [
  { heading: 'NAME', field: 'name' },
  { heading: 'ENABLED', field: 'enabled' },
  { heading: 'ALIASES', field: 'aliases' },
  { heading: 'LAST USED', field: 'lastUsedAt' },
  { heading: 'DESCRIPTION', field: 'description' },
] as const;

interface FieldOptions {
  readonly alias?: readonly string[];
  readonly description?: string;
  readonly enabled?: boolean;
}

/** `scep-gateway ra-account`: who may fetch challenges. */
export function addRaAccountCommand(program: Command, context: CommandContext): void {
  const account = program.command('ra-account').description('who may fetch challenges for devices, of which aliases');
  addList(account, context, { plural: 'RA accounts', collection: RA_ACCOUNT.collection, columns: COLUMNS });
  addShow(account, context, RA_ACCOUNT);
  addCreate(account, context);
  addChange(account, context);
  addPassword(account, context);
  addRename(account, context, RA_ACCOUNT);
  addDelete(account, context, RA_ACCOUNT);
}

function withFieldOptions(command: Command): Command {
  return withGatewayOptions(command)
    .option('--alias <name>', 'alias whose challenges it may fetch (repeatable; replaces all there were)', collect)
    .option('--description <text>', 'for the administrator')
    .option('--enabled <true|false>', 'whether its password opens anything', trueOrFalse);
}

const fields = ({ alias: aliases, description, enabled }: FieldOptions): object => ({ aliases, description, enabled });

function addCreate(parent: Command, context: CommandContext): void {
  const command = parent.command('create').description('add an RA account and write its password, this once');
  withFieldOptions(command)
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions & FieldOptions) => {
      const [client, { showDone }] = await load(options, context);
      const created = await client.post('/ra-accounts', { ...fields(options), name });
      showDone(context.terminal, options, created, passwordText(created));
    });
}

function addChange(parent: Command, context: CommandContext): void {
  const command = parent.command('change').description('change fields of an RA account; all others stay');
  withFieldOptions(command)
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions & FieldOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.patch(resourcePath(RA_ACCOUNT.collection, name), fields(options));
      showDone(context.terminal, options, changed, `RA account ${name} is changed`);
    });
}

function addPassword(parent: Command, context: CommandContext): void {
  const description = 'give an RA account a new password and write it, this once; the one before is void';
  withGatewayOptions(parent.command('password').description(description))
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const renewed = await client.post(resourcePath(RA_ACCOUNT.collection, name, 'password'), {});
      showDone(context.terminal, options, renewed, passwordText(renewed));
    });
}

/** Nothing but the password, so that a script can take it. */
const passwordText = ({ password }: Resource): string => String(password);
