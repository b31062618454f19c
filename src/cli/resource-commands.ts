import { InvalidArgumentError, Option, type Command } from 'commander';
import { connect, withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import type { Column } from './table';

/** A kind of resource that has a name, for the commands that all of them have. */
export interface NamedResource {
  /** For people, in the singular: `end entity`. */
  readonly noun: string;
  /** What is typed for the name, in help: `username`. */
  readonly argument: string;
  /** First segment of the REST path. */
  readonly collection: string;
}

/** An option of `list` that narrows it. */
export interface ListFilter {
  /** As commander takes them: `--status <status>`. */
  readonly flags: string;
  readonly description: string;
  /** The parameter of the query. */
  readonly parameter: string;
}

/** What is listed, and how. */
export interface ListedResource {
  /** What the command is called; `list` unless given. */
  readonly command?: string;
  readonly plural: string;
  /** First segment of the REST path. */
  readonly collection: string;
  readonly columns: readonly Column[];
  readonly filters?: readonly ListFilter[];
}

/** Adds `list` with its paging option and filters. */
export function addList(parent: Command, context: CommandContext, resource: ListedResource): void {
  const { command: name = 'list', plural, collection, columns, filters = [] } = resource;
  const command = withGatewayOptions(parent.command(name).description(`list ${plural}`));
  command.option('--limit <n>', 'at most so many', positiveInteger, 100);
  const given = filters.map(({ flags, description, parameter }) => {
    const option = new Option(flags, description);
    command.addOption(option);
    return { parameter, attribute: option.attributeName() };
  });
  command.action(async (options: GatewayOptions & { readonly limit: number } & Readonly<Record<string, unknown>>) => {
    const query = Object.fromEntries(
      given.map(({ parameter, attribute }) => [parameter, options[attribute] as string | undefined]),
    );
    const [client, { showListing }] = await Promise.all([connect(options, context), import('./resource-output.js')]);
    showListing(context.terminal, options, await client.list(`/${collection}`, query, options.limit), columns);
  });
}

/** Adds `show`. */
export function addShow(parent: Command, context: CommandContext, resource: NamedResource): void {
  withGatewayOptions(parent.command('show').description(`show one ${resource.noun} with every field`))
    .argument(`<${resource.argument}>`)
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showResource }, { resourcePath }] = await load(options, context);
      showResource(context.terminal, options, await client.get(resourcePath(resource.collection, name)));
    });
}

/** Adds `rename`. */
export function addRename(parent: Command, context: CommandContext, resource: NamedResource): void {
  withGatewayOptions(parent.command('rename').description(`give one ${resource.noun} another name`))
    .argument(`<${resource.argument}>`)
    .argument('<new-name>')
    .action(async (name: string, newName: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath(resource.collection, name, 'rename');
      const renamed = await client.post(path, { [resource.argument]: newName });
      showDone(context.terminal, options, renamed, `${resource.noun} ${name} is now called ${newName}`);
    });
}

/** Adds `delete`. */
export function addDelete(parent: Command, context: CommandContext, resource: NamedResource): void {
  withGatewayOptions(parent.command('delete').description(`remove one ${resource.noun}`))
    .argument(`<${resource.argument}>`)
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      await client.delete(resourcePath(resource.collection, name));
      showDone(context.terminal, options, {}, `${resource.noun} ${name} is removed`);
    });
}

/** A whole number greater than zero, for commander. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is to be a whole number greater than zero.');
  return Number(text);
}

/** Reads the value of an option that is a yes or a no. */
export function trueOrFalse(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It is to be true or false.');
  return text === 'true';
}

/** What a command needs that shows a resource of the gateway. */
export async function load(
  options: GatewayOptions,
  context: CommandContext,
): Promise<
  [Awaited<ReturnType<typeof connect>>, typeof import('./resource-output.js'), typeof import('./gateway-client.js')]
> {
  return Promise.all([connect(options, context), import('./resource-output.js'), import('./gateway-client.js')]);
}
