import type { Command } from 'commander';
import { collect, withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { load, positiveInteger } from './resource-commands';

const COLUMNS = [
  { heading: 'ID', field: 'id' },
  { heading: 'SUBJECT', field: 'subject' },
  { heading: 'USERNAME', field: 'username' },
  { heading: 'PROFILE', field: 'certificateProfile' },
  { heading: 'ISSUED BY', field: 'issuedBy' },
  { heading: 'EXPIRES', field: 'expiresAt' },
] as const;

interface BindingOptions {
  readonly subject?: string;
  readonly san?: readonly string[];
  readonly certificateProfile?: string;
  readonly username?: string;
}

interface IssueOptions extends GatewayOptions, BindingOptions {
  readonly lifetime?: string;
}

/** `scep-gateway challenge`: challenges that are fetched for devices. */
export function addChallengeCommand(program: Command, context: CommandContext): void {
  const challenge = program
    .command('challenge')
    .description('challenges that are fetched for devices: one-time ones, and those of a day');
  addIssue(challenge, context);
  addOutstanding(challenge, context);
  addRevoke(challenge, context);
  addToday(challenge, context);
  addRotate(challenge, context);
}

function addIssue(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('issue').description('issue a one-time challenge; it is shown once, here'))
    .argument('<alias>')
    .option('--subject <name>', 'the only subject it is good for, such as "CN=router-1,O=Example"')
    .option('--san <type:value>', 'a subjectAltName it is good for; all are to be given (repeatable)', collect)
    .option('--certificate-profile <name>', 'certificate profile that is issued by')
    .option('--username <username>', 'end entity that it is for')
    .option('--lifetime <period>', "such as 10m; the alias's challenge.oneTime.lifetime unless given, and at most")
    .action(async (alias: string, { lifetime, ...options }: IssueOptions) => {
      const [client, { showResource }, { resourcePath }] = await load(options, context);
      const body = { binding: await bindingOf(options), lifetime };
      showResource(context.terminal, options, await client.post(resourcePath('aliases', alias, 'challenges'), body));
    });
}

async function bindingOf(options: BindingOptions): Promise<Record<string, unknown> | undefined> {
  const { subject, san, certificateProfile, username } = options;
  const subjectAltNames =
    san === undefined ? undefined : (await import('./subject-alt-name.js')).readSubjectAltNames(san);
  const binding = { subject, subjectAltNames, certificateProfile, username };
  return Object.values(binding).every((value) => value === undefined) ? undefined : binding;
}

function addOutstanding(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('list').description('list the one-time challenges that are outstanding'))
    .argument('<alias>')
    .option('--limit <n>', 'at most so many', positiveInteger, 100)
    .action(async (alias: string, options: GatewayOptions & { readonly limit: number }) => {
      const [client, { showListing }, { resourcePath }] = await load(options, context);
      const listing = await client.list(resourcePath('aliases', alias, 'challenges'), {}, options.limit);
      showListing(context.terminal, options, listing, COLUMNS);
    });
}

function addRevoke(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('revoke').description('take a one-time challenge back'))
    .argument('<alias>')
    .argument('<id>')
    .action(async (alias: string, id: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      await client.delete(resourcePath('aliases', alias, 'challenges', id));
      showDone(context.terminal, options, {}, `challenge ${id} is revoked`);
    });
}

function addToday(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('today').description("show today's challenge; the audit log says who has"))
    .argument('<alias>')
    .action(async (alias: string, options: GatewayOptions) => {
      const [client, { showResource }, { resourcePath }] = await load(options, context);
      const path = resourcePath('aliases', alias, 'challenges', 'daily');
      showResource(context.terminal, options, await client.get(path));
    });
}

function addRotate(parent: Command, context: CommandContext): void {
  const description = "make today's challenge another one; what was read before is wrong from then on";
  withGatewayOptions(parent.command('rotate').description(description))
    .argument('<alias>')
    .action(async (alias: string, options: GatewayOptions) => {
      const [client, { showResource }, { resourcePath }] = await load(options, context);
      const path = resourcePath('aliases', alias, 'challenges', 'daily', 'rotate');
      showResource(context.terminal, options, await client.post(path, {}));
    });
}
