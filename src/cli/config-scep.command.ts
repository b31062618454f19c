import type { Command } from 'commander';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { load } from './resource-commands';

interface AliasOption extends GatewayOptions {
  readonly alias: string;
}

interface UpdateOptions extends AliasOption {
  readonly key: string;
  readonly value?: string;
  readonly valueFile?: string;
}

/** More aliases than anybody has. */
const ALL = 100_000;

/** `scep-gateway config scep`: the verbs of EJBCA's command line for aliases, with its keys. */
export function addConfigScepCommand(program: Command, context: CommandContext): void {
  const scep = program
    .command('config')
    .description("EJBCA's verbs for the configuration (docs/migrating-from-ejbca.md)")
    .command('scep')
    .description('SCEP aliases by the keys of EJBCA');
  addSimple(scep, context);
  addRenameAlias(scep, context);
  addDumps(scep, context);
  addUpdateAlias(scep, context);
  addUploadFile(scep, context);
}

const withAlias = (command: Command): Command =>
  withGatewayOptions(command).requiredOption('--alias <name>', 'name of the alias');

function addSimple(scep: Command, context: CommandContext): void {
  withAlias(scep.command('addalias').description('add an alias with the defaults of this gateway')).action(
    async (options: AliasOption) => {
      const [client, { showDone }] = await load(options, context);
      const created = await client.post('/aliases', { name: options.alias });
      showDone(context.terminal, options, created, `alias ${options.alias} is there`);
    },
  );
  withAlias(scep.command('removealias').description('remove an alias')).action(async (options: AliasOption) => {
    const [client, { showDone }, { resourcePath }] = await load(options, context);
    await client.delete(resourcePath('aliases', options.alias));
    showDone(context.terminal, options, {}, `alias ${options.alias} is removed`);
  });
  withGatewayOptions(scep.command('listalias').description('list the names of all aliases')).action(
    async (options: GatewayOptions) => {
      const [client] = await load(options, context);
      const { writeJson, writeLines } = await import('./terminal.js');
      const names = (await client.list('/aliases', {}, ALL)).items.map(({ name }) => String(name));
      if (options.json) writeJson(context.terminal, names);
      else writeLines(context.terminal, names);
    },
  );
}

function addRenameAlias(scep: Command, context: CommandContext): void {
  withGatewayOptions(scep.command('renamealias').description('give an alias another name, and so another URL'))
    .requiredOption('--oldalias <name>', 'its name')
    .requiredOption('--newalias <name>', 'its new name')
    .action(async (options: GatewayOptions & { readonly oldalias: string; readonly newalias: string }) => {
      const { oldalias, newalias } = options;
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const renamed = await client.post(resourcePath('aliases', oldalias, 'rename'), { name: newalias });
      showDone(context.terminal, options, renamed, `alias ${oldalias} is now called ${newalias}`);
    });
}

function addDumps(scep: Command, context: CommandContext): void {
  const dump = async (options: GatewayOptions, aliases?: readonly string[]): Promise<void> => {
    const [client, , { resourcePath }] = await load(options, context);
    const { showExports } = await import('./ejbca-properties.js');
    const names = aliases ?? (await client.list('/aliases', {}, ALL)).items.map(({ name }) => String(name));
    const exported = [];
    for (const name of names) exported.push(await client.get(resourcePath('aliases', name, 'ejbca')));
    showExports(context.terminal, options, names, exported);
  };
  withAlias(scep.command('dumpalias').description('write an alias as ALIAS.key=VALUE lines, without secrets')).action(
    (options: AliasOption) => dump(options, [options.alias]),
  );
  withGatewayOptions(scep.command('dumpall').description('write all aliases so')).action((options: GatewayOptions) =>
    dump(options),
  );
}

function addUpdateAlias(scep: Command, context: CommandContext): void {
  withAlias(scep.command('updatealias').description('set one key of an alias that exists'))
    .requiredOption('--key <key>', 'key of EJBCA, such as includeca or ra.authPwd')
    .option('--value <value>', 'its value; visible to who lists the processes of this machine')
    .option('--value-file <file>', 'file with the value, - for standard input')
    .action(async (options: UpdateOptions) => {
      const { alias, key } = options;
      const { demandedSecret } = await import('./secret-input.js');
      const source = { noun: `value of ${key}`, option: 'value', value: options.value, file: options.valueFile };
      const value = await demandedSecret(source, context.terminal);
      const [client, , { resourcePath }] = await load(options, context);
      const [{ refuseWhatIsLeftOut, showImport }, { propertyLine }] = await Promise.all([
        import('./ejbca-properties.js'),
        import('../aliases/ejbca/properties.js'),
      ]);
      // It has to exist: lines for one that does not would make it.
      await client.get(resourcePath('aliases', alias));
      const properties = propertyLine({ key: `${alias}.${key}`, value });
      const imported = await client.put(resourcePath('aliases', alias, 'ejbca'), { properties });
      refuseWhatIsLeftOut(imported);
      showImport(context.terminal, options, imported, `${key} of alias ${alias} is set`);
    });
}

function addUploadFile(scep: Command, context: CommandContext): void {
  withAlias(scep.command('uploadfile').description('make or change an alias by a file of ALIAS.key=VALUE lines'))
    .requiredOption('--file <file>', 'the file, - for standard input')
    .action(async (options: AliasOption & { readonly file: string }) => {
      const { alias } = options;
      const { readInput } = await import('./file-input.js');
      const properties = (await readInput(options.file, context.terminal)).toString('utf8');
      const [client, , { resourcePath }] = await load(options, context);
      const { showImport } = await import('./ejbca-properties.js');
      const imported = await client.put(resourcePath('aliases', alias, 'ejbca'), { properties });
      const done = imported.isNew === true ? `alias ${alias} is there` : `alias ${alias} is changed`;
      showImport(context.terminal, options, imported, done);
    });
}
