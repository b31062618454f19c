import type { Command } from 'commander';
import { CommandError } from './command-error';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { ExitCode } from './exit-code';
import type { GatewayClient } from './gateway-client';
import { load } from './resource-commands';
import type { Resource } from './table';

interface RevokeOptions extends GatewayOptions {
  readonly username: string;
  readonly reason: string;
}

interface RevokeCertificateOptions extends GatewayOptions {
  readonly dn: string;
  readonly serial: string;
  readonly reason: string;
}

/** More certificates than an end entity has. */
const ALL = 10_000;

const REASONS = 'number of RFC 5280: 0 unspecified, 1 keyCompromise, 4 superseded, 6 certificateHold …';

/** Adds the verbs that are about the certificates of end entities. */
export function addRaCertificateVerbs(ra: Command, context: CommandContext): void {
  addRevokeEndEntity(ra, context);
  addUnrevoke(ra, context);
  addRevokeCertificate(ra, context);
  addGetCertificate(ra, context);
}

const certificates = (count: number, username: string): string =>
  `${String(count)} certificate${count === 1 ? '' : 's'} of end entity ${username}`;

function addRevokeEndEntity(ra: Command, context: CommandContext): void {
  withGatewayOptions(ra.command('revokeendentity').description('revoke all valid certificates of an end entity'))
    .requiredOption('--username <username>', 'user name of the end entity')
    .requiredOption('-r, --reason <n>', REASONS)
    .action(async ({ username, reason: number, ...options }: RevokeOptions) => {
      const { reasonOfNumber } = await import('./ejbca-options.js');
      const reason = reasonOfNumber(number);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath('end-entities', username);
      await client.get(path);
      const count = await forEach(client, username, ['valid', 'onHold'], (certificate) =>
        client.post(`${certificatePath(resourcePath, certificate)}/revoke`, { reason }),
      );
      // With its last certificate it becomes REVOKED by itself, unless it could still enrol; a hold changes nothing.
      const { status } = await client.get(path);
      if (reason !== 'certificateHold' && status !== 'REVOKED' && status !== 'HISTORICAL')
        await client.post(`${path}/status`, { status: 'REVOKED' });
      showDone(context.terminal, options, await client.get(path), `${certificates(count, username)} revoked`);
    });
}

function addUnrevoke(ra: Command, context: CommandContext): void {
  withGatewayOptions(ra.command('unrevokeendentity').description('take its certificates off hold again'))
    .requiredOption('--username <username>', 'user name of the end entity')
    .action(async ({ username, ...options }: GatewayOptions & { readonly username: string }) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const count = await forEach(client, username, ['onHold'], (certificate) =>
        client.post(`${certificatePath(resourcePath, certificate)}/revoke`, { reason: 'removeFromCRL' }),
      );
      if (count === 0)
        throw new CommandError(
          ExitCode.refused,
          `end entity ${username} has no certificate on hold; what is revoked for another reason stays so`,
        );
      const endEntity = await client.get(resourcePath('end-entities', username));
      showDone(context.terminal, options, endEntity, `${certificates(count, username)} valid again`);
    });
}

function addRevokeCertificate(ra: Command, context: CommandContext): void {
  withGatewayOptions(ra.command('revokecert').description('revoke one certificate by its issuer and serial number'))
    .requiredOption('--dn <name>', 'subject of the CA, in either order')
    .requiredOption('-s, --serial <hex>', 'serial number in hexadecimal digits')
    .requiredOption('-r, --reason <n>', REASONS)
    .action(async ({ dn, serial, reason: number, ...options }: RevokeCertificateOptions) => {
      const [{ reasonOfNumber }, { sameName }] = await Promise.all([
        import('./ejbca-options.js'),
        import('./name-comparison.js'),
      ]);
      const reason = reasonOfNumber(number);
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const authorities = (await client.list('/authorities', {}, ALL)).items;
      const authority = authorities.find(({ subject }) => sameName(String(subject), dn));
      if (authority === undefined) throw new CommandError(ExitCode.refused, `no authority has the subject ${dn}`);
      const hex = serial
        .toLowerCase()
        .replace(/^0x|:/g, '')
        .replace(/^0+(?=.)/, '');
      const revoked = await client.post(resourcePath('certificates', String(authority.name), hex, 'revoke'), {
        reason,
      });
      showDone(context.terminal, options, revoked, `certificate ${hex} of ${String(authority.name)} is revoked`);
    });
}

function addGetCertificate(ra: Command, context: CommandContext): void {
  withGatewayOptions(ra.command('getendentitycert').description('write the newest certificate of an end entity, PEM'))
    .requiredOption('--username <username>', 'user name of the end entity')
    .action(async ({ username, ...options }: GatewayOptions & { readonly username: string }) => {
      const [client, { showPem, showResource }, { resourcePath }] = await load(options, context);
      const [newest] = (await client.list('/certificates', { username }, 1)).items;
      if (newest === undefined) throw new CommandError(ExitCode.refused, `end entity ${username} has no certificate`);
      const certificate = await client.get(certificatePath(resourcePath, newest));
      if (options.json) showResource(context.terminal, options, certificate);
      else showPem(context.terminal, [certificate]);
    });
}

type PathMaker = (...segments: readonly string[]) => string;

const certificatePath = (resourcePath: PathMaker, { authority, serialNumber }: Resource): string =>
  resourcePath('certificates', String(authority), String(serialNumber));

/** Does something with each certificate of an end entity that has one of these statuses; how many there were. */
async function forEach(
  client: GatewayClient,
  username: string,
  statuses: readonly string[],
  act: (certificate: Resource) => Promise<unknown>,
): Promise<number> {
  const { items } = await client.list('/certificates', { username }, ALL);
  const chosen = items.filter(({ status }) => statuses.includes(String(status)));
  for (const certificate of chosen) await act(certificate);
  return chosen.length;
}
