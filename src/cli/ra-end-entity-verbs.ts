import type { Command } from 'commander';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import { load } from './resource-commands';
import type { SecretSource } from './secret-input';

const COLUMNS = [
  { heading: 'USERNAME', field: 'username' },
  { heading: 'STATUS', field: 'status' },
  { heading: 'SUBJECT', field: 'subject' },
  { heading: 'AUTHORITY', field: 'authority' },
] as const;

interface UsernameOptions extends GatewayOptions {
  readonly username: string;
}

interface PasswordOptions extends UsernameOptions {
  readonly password?: string;
  readonly passwordFile?: string;
}

interface AddOptions extends PasswordOptions {
  readonly dn?: string;
  readonly caname?: string;
  readonly type: string;
  readonly token: string;
  readonly altname?: string;
  readonly email?: string;
  readonly certprofile?: string;
  readonly eeprofile?: string;
}

/** EJBCA lists all of them; that many are more than anybody reads. */
const LISTED = 100_000;

/** EJBCA's number for any status. */
const ANY_STATUS = /^0+$/;

const withUsername = (command: Command): Command =>
  withGatewayOptions(command).requiredOption('--username <username>', 'user name of the end entity');

const withPassword = (command: Command): Command =>
  command
    .option('--password <code>', 'the enrolment code; visible to who lists the processes of this machine')
    .option('--password-file <file>', 'file with the enrolment code, - for standard input');

const passwordSource = ({ password, passwordFile }: PasswordOptions): SecretSource => ({
  noun: 'password',
  option: 'password',
  value: password,
  file: passwordFile,
});

/** Adds the verbs that are about end entities. */
export function addRaEndEntityVerbs(ra: Command, context: CommandContext): void {
  addAddEndEntity(ra, context);
  addSetStatus(ra, context);
  addSetPassword(ra, context, 'setpwd');
  addSetPassword(ra, context, 'setclearpwd');
  addFind(ra, context);
  addLists(ra, context);
  addDeleteAndRename(ra, context);
}

function addAddEndEntity(ra: Command, context: CommandContext): void {
  const command = ra.command('addendentity').alias('adduser').description('register an end entity');
  withPassword(withUsername(command))
    .option('--dn <name>', 'subject of its certificate, such as "CN=router-1,O=Example"')
    .option('--caname <name>', 'CA that issues')
    .option('--type <n>', '1; what else EJBCA has means nothing here, or is refused', '1')
    .option('--token <token>', 'USERGENERATED: the device makes its key', 'USERGENERATED')
    .option('--altname <names>', 'subjectAltNames, such as "dNSName=a.example.com, iPAddress=192.0.2.1"')
    .option('--email <address>', 'means nothing here: give it as rfc822Name in --altname')
    .option('--certprofile <name>', 'certificate profile')
    .option('--eeprofile <name>', 'end entity profile')
    .action(async (options: AddOptions) => {
      const [{ checkToken, readAltName, typeRemarks }, { demandedSecret }, { remark }] = await Promise.all([
        import('./ejbca-options.js'),
        import('./secret-input.js'),
        import('./terminal.js'),
      ]);
      checkToken(options.token);
      const remarks = typeRemarks(options.type);
      if (options.email !== undefined)
        remarks.push('--email: no address is kept beside the certificate; --altname rfc822Name=… puts one into it');
      const body = {
        username: options.username,
        subject: options.dn,
        authority: options.caname,
        subjectAltNames: options.altname === undefined ? undefined : readAltName(options.altname),
        certificateProfile: options.certprofile,
        endEntityProfile: options.eeprofile,
        enrolmentCode: await demandedSecret(passwordSource(options), context.terminal),
      };
      const [client, { showDone }] = await load(options, context);
      const created = await client.post('/end-entities', body);
      showDone(context.terminal, options, created, `end entity ${options.username} may enrol`);
      for (const text of remarks) remark(context.terminal, `note: ${text}`);
    });
}

function addSetStatus(ra: Command, context: CommandContext): void {
  withUsername(ra.command('setendentitystatus').description('set the status; 10 lets it enrol again'))
    .requiredOption('-S, --status <n>', '10 NEW, 11 FAILED, 20 INITIALIZED, 30 INPROCESS, 40 GENERATED …')
    .action(async (options: UsernameOptions & { readonly status: string }) => {
      const { statusOfNumber } = await import('./ejbca-options.js');
      const status = statusOfNumber(options.status);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.post(resourcePath('end-entities', options.username, 'status'), { status });
      showDone(context.terminal, options, changed, `end entity ${options.username} has the status ${status}`);
    });
}

function addSetPassword(ra: Command, context: CommandContext, verb: 'setpwd' | 'setclearpwd'): void {
  const description = {
    setpwd: 'give an end entity another enrolment code',
    setclearpwd: 'the same: no readable copy of a code is ever kept',
  };
  withPassword(withUsername(ra.command(verb).description(description[verb]))).action(
    async (options: PasswordOptions) => {
      const { demandedSecret } = await import('./secret-input.js');
      const enrolmentCode = await demandedSecret(passwordSource(options), context.terminal);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.patch(resourcePath('end-entities', options.username), { enrolmentCode });
      showDone(context.terminal, options, changed, `end entity ${options.username} has another enrolment code`);
      if (verb === 'setclearpwd') {
        const { remark } = await import('./terminal.js');
        remark(context.terminal, 'note: no readable copy is kept, and none is needed to enrol');
      }
    },
  );
}

function addFind(ra: Command, context: CommandContext): void {
  withUsername(ra.command('findendentity').description('show an end entity')).action(
    async (options: UsernameOptions) => {
      const [client, { showResource }, { resourcePath }] = await load(options, context);
      showResource(context.terminal, options, await client.get(resourcePath('end-entities', options.username)));
    },
  );
}

function addLists(ra: Command, context: CommandContext): void {
  withGatewayOptions(ra.command('listendentities').description('list the end entities in a status'))
    .requiredOption('-S, --status <n>', 'number of the status, as for setendentitystatus; 0: any')
    .action(async (options: GatewayOptions & { readonly status: string }) => {
      const { statusOfNumber } = await import('./ejbca-options.js');
      const status = ANY_STATUS.test(options.status) ? undefined : statusOfNumber(options.status);
      const [client, { showListing }] = await load(options, context);
      const listing = await client.list('/end-entities', { status }, LISTED);
      showListing(context.terminal, options, listing, COLUMNS);
    });
  withGatewayOptions(ra.command('listnewendentities').description('list the end entities in status NEW')).action(
    async (options: GatewayOptions) => {
      const [client, { showListing }] = await load(options, context);
      showListing(context.terminal, options, await client.list('/end-entities', { status: 'NEW' }, LISTED), COLUMNS);
    },
  );
}

function addDeleteAndRename(ra: Command, context: CommandContext): void {
  withUsername(ra.command('delendentity').description('remove an end entity that has no valid certificate'))
    .option('--force', 'really; EJBCA writes it -force')
    .action(async (options: UsernameOptions & { readonly force?: true }) => {
      // EJBCA asks; a command that waits for an answer is of no use in a script, and there it is used.
      if (options.force === undefined)
        throw new CommandError(
          ExitCode.usage,
          `nothing is done: -force removes end entity ${options.username} for good`,
        );
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      await client.delete(resourcePath('end-entities', options.username));
      showDone(context.terminal, options, {}, `end entity ${options.username} is removed`);
    });
  withGatewayOptions(ra.command('renameendentity').description('give an end entity another user name'))
    .requiredOption('--current <username>', 'its user name')
    .requiredOption('--new <username>', 'its new user name')
    .action(async (options: GatewayOptions & { readonly current: string; readonly new: string }) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath('end-entities', options.current, 'rename');
      const renamed = await client.post(path, { username: options.new });
      showDone(context.terminal, options, renamed, `end entity ${options.current} is now called ${options.new}`);
    });
}
