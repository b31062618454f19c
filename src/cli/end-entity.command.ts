import type { Command } from 'commander';
import { collect, withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { ExitCode } from './exit-code';
import { addDelete, addList, addRename, addShow, load, positiveInteger } from './resource-commands';
import type { SecretSource } from './secret-input';

const END_ENTITY = { noun: 'end entity', argument: 'username', collection: 'end-entities' } as const;

const COLUMNS = [
  { heading: 'USERNAME', field: 'username' },
  { heading: 'STATUS', field: 'status' },
  { heading: 'REQUESTS LEFT', field: 'remainingRequests' },
  { heading: 'LOCKED UNTIL', field: 'lockedUntil' },
  { heading: 'SUBJECT', field: 'subject' },
  { heading: 'AUTHORITY', field: 'authority' },
] as const;

interface CodeOptions {
  readonly enrolmentCode?: string;
  readonly enrolmentCodeFile?: string;
}

interface NewCodeOptions extends CodeOptions {
  readonly withoutEnrolmentCode?: true;
}

interface FieldOptions {
  readonly subject?: string;
  readonly san?: readonly string[];
  readonly authority?: string;
  readonly certificateProfile?: string;
  readonly endEntityProfile?: string;
  readonly allowedRequests?: number;
}

/** `scep-gateway end-entity`: who may enrol. */
export function addEndEntityCommand(program: Command, context: CommandContext): void {
  const endEntity = program.command('end-entity').description('who may enrol, with which code');
  addList(endEntity, context, {
    plural: 'end entities',
    collection: END_ENTITY.collection,
    columns: COLUMNS,
    filters: [
      { flags: '--status <status>', description: 'only those that are NEW, GENERATED …', parameter: 'status' },
      { flags: '--authority <name>', description: 'only those of this CA', parameter: 'authority' },
      { flags: '--username <text>', description: 'only those whose username begins so', parameter: 'username' },
    ],
  });
  addShow(endEntity, context, END_ENTITY);
  addCreate(endEntity, context);
  addChange(endEntity, context);
  addStatus(endEntity, context);
  addUnlock(endEntity, context);
  addRename(endEntity, context, END_ENTITY);
  addDelete(endEntity, context, END_ENTITY);
}

function withFieldOptions(command: Command): Command {
  return withGatewayOptions(command)
    .option('--subject <name>', 'subject of the certificate, such as "CN=router-1,O=Example" (default CN=<username>)')
    .option('--san <type:value>', 'subjectAltName: dns:, ip:, email:, uri:, upn: … (repeatable)', collect)
    .option('--authority <name>', 'CA that issues')
    .option('--certificate-profile <name>', 'certificate profile')
    .option('--end-entity-profile <name>', 'end entity profile')
    .option('--allowed-requests <n>', 'how many certificates the code is good for', positiveInteger);
}

function withCodeOptions(command: Command): Command {
  return command
    .option('--enrolment-code <code>', 'the code; visible to who lists the processes of this machine')
    .option('--enrolment-code-file <file>', 'file with the code, - for standard input');
}

const codeSource = ({ enrolmentCode, enrolmentCodeFile }: CodeOptions): SecretSource => ({
  noun: 'enrolment code',
  option: 'enrolment-code',
  value: enrolmentCode,
  file: enrolmentCodeFile,
});

/** The code of a new end entity, or null for none. Throws {@link CommandError}: `usage`. */
async function newCode(options: NewCodeOptions, context: CommandContext): Promise<string | null> {
  const { demandedSecret, givenSecret } = await import('./secret-input.js');
  if (options.withoutEnrolmentCode === undefined) return demandedSecret(codeSource(options), context.terminal);
  if ((await givenSecret(codeSource(options), context.terminal)) === undefined) return null;
  const { CommandError } = await import('./command-error.js');
  throw new CommandError(ExitCode.usage, 'give either an enrolment code or --without-enrolment-code');
}

async function fields({ san, subject, authority, ...others }: FieldOptions): Promise<Record<string, unknown>> {
  const { certificateProfile, endEntityProfile, allowedRequests } = others;
  const subjectAltNames =
    san === undefined ? undefined : (await import('./subject-alt-name.js')).readSubjectAltNames(san);
  return { subject, subjectAltNames, authority, certificateProfile, endEntityProfile, allowedRequests };
}

function addCreate(parent: Command, context: CommandContext): void {
  const command = parent.command('create').description('register an end entity; asks for the code if none is given');
  withCodeOptions(withFieldOptions(command))
    .option('--without-enrolment-code', 'it gets none: only aliases with another kind of challenge let it enrol')
    .argument('<username>')
    .action(async (username: string, options: GatewayOptions & NewCodeOptions & FieldOptions) => {
      const enrolmentCode = await newCode(options, context);
      const [client, { showDone }] = await load(options, context);
      const created = await client.post('/end-entities', { ...(await fields(options)), username, enrolmentCode });
      showDone(context.terminal, options, created, `end entity ${username} may enrol`);
    });
}

function addChange(parent: Command, context: CommandContext): void {
  const command = parent.command('change').description('change fields or the code of an end entity; all others stay');
  withCodeOptions(withFieldOptions(command))
    .argument('<username>')
    .action(async (username: string, options: GatewayOptions & CodeOptions & FieldOptions) => {
      const { givenSecret } = await import('./secret-input.js');
      const enrolmentCode = await givenSecret(codeSource(options), context.terminal);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath('end-entities', username);
      const changed = await client.patch(path, { ...(await fields(options)), enrolmentCode });
      showDone(context.terminal, options, changed, `end entity ${username} is changed`);
    });
}

function addStatus(parent: Command, context: CommandContext): void {
  const command = parent.command('status').description('set the status; NEW lets an end entity enrol again');
  withCodeOptions(withGatewayOptions(command))
    .argument('<username>')
    .argument('<status>', 'NEW, FAILED, INITIALIZED, INPROCESS, GENERATED, REVOKED or HISTORICAL')
    .action(async (username: string, status: string, options: GatewayOptions & CodeOptions) => {
      const { givenSecret } = await import('./secret-input.js');
      const enrolmentCode = await givenSecret(codeSource(options), context.terminal);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath('end-entities', username, 'status');
      const changed = await client.post(path, { status: status.toUpperCase(), enrolmentCode });
      showDone(context.terminal, options, changed, `end entity ${username} has the status ${status.toUpperCase()}`);
    });
}

function addUnlock(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('unlock').description('forget wrong codes, so that it may enrol at once'))
    .argument('<username>')
    .action(async (username: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const unlocked = await client.post(resourcePath('end-entities', username, 'unlock'), {});
      showDone(context.terminal, options, unlocked, `end entity ${username} is not locked`);
    });
}
