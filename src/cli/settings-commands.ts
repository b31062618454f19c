import type { Command } from 'commander';
import { collect, withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { load, type NamedResource } from './resource-commands';

/** A kind of resource whose fields are settings with defaults. */
export interface ConfiguredResource extends NamedResource {
  /** An object with every field that can be set and a value of its type: the defaults of the code. */
  readonly template: () => Promise<object>;
  /** Whether some of the fields are secrets. */
  readonly hasSecrets?: boolean;
}

interface SettingsOptions extends GatewayOptions {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly file?: string;
  readonly secret?: readonly string[];
  readonly secretFile?: readonly string[];
}

/** Adds `create`: POST of the name and the settings that were given. */
export function addCreateWithSettings(parent: Command, context: CommandContext, resource: ConfiguredResource): void {
  const { noun, collection } = resource;
  const command = parent.command('create').description(`add one ${noun}; what is not set has its default`);
  withSettingsOptions(withGatewayOptions(command), resource)
    .argument('<name>')
    .action(async (name: string, options: SettingsOptions) => {
      const settings = await readSettings(options, await resource.template(), context);
      const [client, { showDone }] = await load(options, context);
      const created = await client.post(`/${collection}`, { ...settings, name });
      showDone(context.terminal, options, created, `${noun} ${name} is there`);
    });
}

/** Adds `change`: PATCH of the settings that were given. */
export function addChangeWithSettings(parent: Command, context: CommandContext, resource: ConfiguredResource): void {
  const { noun, collection } = resource;
  const command = parent.command('change').description(`change fields of one ${noun}; all others stay`);
  withSettingsOptions(withGatewayOptions(command), resource)
    .option('--unset <field>', 'bring the default of a field back (repeatable)', collect)
    .argument('<name>')
    .action(async (name: string, options: SettingsOptions) => {
      const settings = await readSettings(options, await resource.template(), context);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.patch(resourcePath(collection, name), settings);
      showDone(context.terminal, options, changed, `${noun} ${name} is changed`);
    });
}

function withSettingsOptions(command: Command, { hasSecrets = false }: ConfiguredResource): Command {
  if (hasSecrets)
    command
      .option('--secret <field>', 'ask for a secret field (repeatable)', collect)
      .option(
        '--secret-file <field=file>',
        'read a secret field from a file, - for standard input (repeatable)',
        collect,
      );
  return command
    .option(
      '--set <field=value>',
      'set a field, a nested one by its dotted path; lists with commas (repeatable)',
      collect,
    )
    .option('--file <file>', 'read the fields from a JSON file, - for standard input; --set comes on top');
}

/** The fields that the options give, as a JSON merge patch (RFC 7396). Throws {@link CommandError} (`usage`). */
async function readSettings(
  { set = [], unset = [], file, secret = [], secretFile = [] }: SettingsOptions,
  template: object,
  { terminal }: CommandContext,
): Promise<Record<string, unknown>> {
  const [{ joinedPatches, readAssignments }, { readJsonObject }, { readSecretFields }] = await Promise.all([
    import('./setting-assignments.js'),
    import('./file-input.js'),
    import('./secret-input.js'),
  ]);
  const secrets = await readSecretFields(secret, secretFile, terminal);
  const assigned = readAssignments([...set, ...secrets], unset, template);
  return file === undefined ? assigned : joinedPatches(await readJsonObject(file, terminal), assigned);
}
