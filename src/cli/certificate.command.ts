import type { Command } from 'commander';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { addList, load } from './resource-commands';

const COLUMNS = [
  { heading: 'AUTHORITY', field: 'authority' },
  { heading: 'GENERATION', field: 'generation' },
  { heading: 'SERIAL NUMBER', field: 'serialNumber' },
  { heading: 'STATUS', field: 'status' },
  { heading: 'USERNAME', field: 'username' },
  { heading: 'SUBJECT', field: 'subject' },
  { heading: 'EXPIRES', field: 'notAfter' },
] as const;

/** `scep-gateway certificate`: what was issued. */
export function addCertificateCommand(program: Command, context: CommandContext): void {
  const certificate = program.command('certificate').description('certificates that were issued');
  addList(certificate, context, {
    plural: 'certificates',
    collection: 'certificates',
    columns: COLUMNS,
    filters: [
      { flags: '--username <username>', description: 'only those of this end entity', parameter: 'username' },
      { flags: '--authority <name>', description: 'only those of this CA', parameter: 'authority' },
      { flags: '--alias <name>', description: 'only those asked for at this alias', parameter: 'alias' },
      { flags: '--serial-number <hex>', description: 'only those with this serial number', parameter: 'serialNumber' },
    ],
  });
  addShow(certificate, context);
  addRevoke(certificate, context);
}

function addShow(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('show').description('show one certificate with every field'))
    .argument('<authority>')
    .argument('<serial-number>', 'in hexadecimal digits')
    .option('--pem', 'write the certificate itself')
    .action(async (authority: string, serialNumber: string, options: GatewayOptions & { pem?: true }) => {
      const [client, { showResource, showPem }, { resourcePath }] = await load(options, context);
      const certificate = await client.get(resourcePath('certificates', authority, hexadecimal(serialNumber)));
      if (options.pem) showPem(context.terminal, [certificate]);
      else showResource(context.terminal, options, certificate);
    });
}

function addRevoke(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('revoke').description('revoke one certificate'))
    .argument('<authority>')
    .argument('<serial-number>', 'in hexadecimal digits')
    .option(
      '--reason <reason>',
      'name of RFC 5280: keyCompromise, superseded …; certificateHold is taken back by removeFromCRL',
      'unspecified',
    )
    .action(async (authority: string, serialNumber: string, options: GatewayOptions & { reason: string }) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath('certificates', authority, hexadecimal(serialNumber), 'revoke');
      const revoked = await client.post(path, { reason: options.reason });
      showDone(context.terminal, options, revoked, `certificate ${serialNumber} of ${authority} is revoked`);
    });
}

/** Serial numbers as tools write them: with colons, upper case, `0x` before or leading zeros. */
const hexadecimal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/^0x|:/g, '')
    .replace(/^0+(?=.)/, '');
