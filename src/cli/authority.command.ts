import type { Command } from 'commander';
import { addRolloverCommand, hours } from './authority-rollover.command';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { addDelete, addList, addRename, load, positiveInteger, trueOrFalse } from './resource-commands';

const AUTHORITY = { noun: 'authority', argument: 'name', collection: 'authorities' } as const;

const COLUMNS = [
  { heading: 'NAME', field: 'name' },
  { heading: 'STATE', field: 'state' },
  { heading: 'SUBJECT', field: 'subject' },
  { heading: 'KEY', field: 'keyAlgorithm' },
  { heading: 'EXPIRES', field: 'certificate.notAfter' },
  { heading: 'SHA-256 FINGERPRINT', field: 'certificate.fingerprints.sha256' },
] as const;

interface SettingsOptions {
  readonly description?: string;
  readonly digest?: string;
  readonly raCertificate?: string;
  readonly raKeyAlgorithm?: string;
  readonly raValidityDays?: number;
  readonly dataEncipherment?: boolean;
  readonly crlValidityHours?: number;
  readonly crlOverlapMinutes?: number;
  readonly crlOnRevocation?: boolean;
  readonly rolloverOverlapHours?: number;
  readonly uniquePublicKeys?: boolean;
  readonly uniqueSubjects?: boolean;
}

interface CreateOptions extends GatewayOptions, SettingsOptions {
  readonly subject: string;
  readonly keyAlgorithm?: string;
  readonly validityDays?: number;
  readonly issuer?: string;
  readonly external?: true;
}

interface ImportOptions extends GatewayOptions, SettingsOptions {
  readonly pkcs12: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly chain?: string;
}

/** `scep-gateway authority`: the CAs. */
export function addAuthorityCommand(program: Command, context: CommandContext): void {
  const authority = program.command('authority').description('certification authorities');
  addList(authority, context, { plural: 'authorities', collection: AUTHORITY.collection, columns: COLUMNS });
  addShow(authority, context);
  addCreate(authority, context);
  addImport(authority, context);
  addChange(authority, context);
  addRequest(authority, context);
  addCertificate(authority, context);
  addCrl(authority, context);
  addRolloverCommand(authority, context);
  addRename(authority, context, AUTHORITY);
  addDelete(authority, context, AUTHORITY);
}

function addShow(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('show').description('show one authority with its certificates and fingerprints'))
    .argument('<name>')
    .option('--pem', 'write the CA certificate and those above it')
    .action(async (name: string, options: GatewayOptions & { readonly pem?: true }) => {
      const [client, { showResource, showPem }, { resourcePath }] = await load(options, context);
      const authority = await client.get(resourcePath('authorities', name));
      if (options.pem) showPem(context.terminal, [authority.certificate, ...(authority.chain as unknown[])]);
      else showResource(context.terminal, options, authority);
    });
}

function withSettings(command: Command): Command {
  return withGatewayOptions(command)
    .option('--description <text>', 'for the administrator')
    .option('--digest <name>', 'digest of its signatures: sha256, sha384 or sha512')
    .option('--ra-certificate <mode>', 'who speaks SCEP for it: none (the CA key itself), single or pair')
    .option('--ra-key-algorithm <name>', 'key of RA certificates: RSA-2048, RSA-3072 or RSA-4096')
    .option('--ra-validity-days <n>', 'validity of RA certificates', positiveInteger)
    .option(
      '--data-encipherment <true|false>',
      'whether CA certificates that are made from now on allow dataEncipherment, too',
      trueOrFalse,
    )
    .option('--crl-validity-hours <n>', 'from thisUpdate to nextUpdate of a CRL', positiveInteger)
    .option(
      '--crl-overlap-minutes <n>',
      'how long before its nextUpdate a CRL is followed by the next',
      positiveInteger,
    )
    .option('--crl-on-revocation <true|false>', 'whether each revocation is followed by a CRL at once', trueOrFalse)
    .option('--rollover-overlap-hours <n>', 'how long after a rollover the previous key opens late messages', hours)
    .option(
      '--unique-public-keys <true|false>',
      'whether a key that is certified for one end entity is certified for no other',
      trueOrFalse,
    )
    .option(
      '--unique-subjects <true|false>',
      'whether a subject that is certified for one end entity is certified for no other',
      trueOrFalse,
    );
}

function settingsOf(options: SettingsOptions): Record<string, unknown> {
  const { description, digest, raCertificate, raKeyAlgorithm, raValidityDays } = options;
  const { dataEncipherment, crlValidityHours, crlOverlapMinutes, crlOnRevocation, rolloverOverlapHours } = options;
  const ra = { raCertificate, raKeyAlgorithm, raValidityDays };
  const crl = { crlValidityHours, crlOverlapMinutes, crlOnRevocation };
  const { uniquePublicKeys, uniqueSubjects } = options;
  const unique = { uniquePublicKeys, uniqueSubjects };
  const settings = { digest, ...ra, dataEncipherment, ...crl, rolloverOverlapHours, ...unique };
  const any = Object.values(settings).some((value) => value !== undefined);
  return { description, ...(any ? { settings } : {}) };
}

function addCreate(parent: Command, context: CommandContext): void {
  withSettings(parent.command('create').description('make a CA with a key of its own'))
    .argument('<name>')
    .requiredOption('--subject <name>', 'subject of the CA certificate, such as "CN=Example CA,O=Example"')
    .option('--key-algorithm <name>', 'RSA-2048, RSA-3072, RSA-4096, EC-P256 or EC-P384')
    .option('--validity-days <n>', 'validity of the CA certificate', positiveInteger)
    .option('--issuer <name>', 'the authority of this gateway that certifies it; without, it certifies itself')
    .option('--external', 'a CA elsewhere certifies it: see `authority request` and `authority certificate`')
    .action(async (name: string, options: CreateOptions) => {
      const { subject, keyAlgorithm, validityDays, issuer, external: externalIssuer } = options;
      const [client, { showDone }] = await load(options, context);
      const body = { name, subject, keyAlgorithm, validityDays, issuer, externalIssuer, ...settingsOf(options) };
      const created = await client.post('/authorities', body);
      showDone(context.terminal, options, created, `authority ${name} is there`);
    });
}

function addImport(parent: Command, context: CommandContext): void {
  withSettings(parent.command('import').description('take over a CA from a PKCS #12 file; asks for its password'))
    .argument('<name>')
    .requiredOption('--pkcs12 <file>', 'PKCS #12 file with key and certificate')
    .option('--password <password>', 'of the file; visible to who lists the processes of this machine')
    .option('--password-file <file>', 'file with the password, - for standard input')
    .option('--chain <file>', 'the certificates above it, PEM or PKCS #7, if the PKCS #12 file lacks them')
    .action(async (name: string, options: ImportOptions) => {
      const { readInput, readBundle } = await import('./file-input.js');
      const { demandedSecret } = await import('./secret-input.js');
      const { terminal } = context;
      const pkcs12 = (await readInput(options.pkcs12, terminal)).toString('base64');
      const chain = options.chain === undefined ? undefined : await readBundle(options.chain, terminal);
      const source = { noun: 'password', option: 'password', value: options.password, file: options.passwordFile };
      const password = await demandedSecret(source, terminal);
      const [client, { showDone }] = await load(options, context);
      const imported = await client.post('/authorities', { name, pkcs12, password, chain, ...settingsOf(options) });
      showDone(terminal, options, imported, `authority ${name} is there`);
    });
}

function addChange(parent: Command, context: CommandContext): void {
  withSettings(parent.command('change').description('change settings of a CA; all others stay'))
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions & SettingsOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.patch(resourcePath('authorities', name), settingsOf(options));
      showDone(context.terminal, options, changed, `authority ${name} is changed`);
    });
}

function addRequest(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('request').description('the PKCS #10 request for the CA elsewhere, PEM'))
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showPem }, { resourcePath }] = await load(options, context);
      showPem(context.terminal, [await client.get(resourcePath('authorities', name, 'request'))]);
    });
}

function addCertificate(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('certificate').description('hand in what the CA elsewhere answered'))
    .argument('<name>')
    .argument('<file>', 'CA certificate and the certificates above it, PEM or PKCS #7; - for standard input')
    .action(async (name: string, file: string, options: GatewayOptions) => {
      const { readBundle } = await import('./file-input.js');
      const certificates = await readBundle(file, context.terminal);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.post(resourcePath('authorities', name, 'certificate'), { certificates });
      showDone(context.terminal, options, changed, `authority ${name} has its certificate`);
    });
}

function addCrl(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('crl').description('issue a CRL now'))
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const issued = await client.post(resourcePath('authorities', name, 'crl'), {});
      const [current] = issued.crls as { number: string; entries: number; nextUpdate: string }[];
      const certificates = current?.entries === 1 ? 'certificate' : 'certificates';
      const text = `CRL ${current?.number} lists ${current?.entries} ${certificates} until ${current?.nextUpdate}`;
      showDone(context.terminal, options, issued, text);
    });
}
