import type { Command } from 'commander';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { addList, addShow, load } from './resource-commands';

const APPROVAL = { noun: 'approval', argument: 'id', collection: 'approvals' } as const;

const COLUMNS = [
  { heading: 'ID', field: 'id' },
  { heading: 'STATE', field: 'state' },
  { heading: 'ALIAS', field: 'alias' },
  { heading: 'USERNAME', field: 'username' },
  { heading: 'TYPE', field: 'messageType' },
  { heading: 'SUBJECT', field: 'subject' },
  { heading: 'KEY', field: 'key' },
  { heading: 'SOURCE', field: 'source' },
  { heading: 'CREATED', field: 'createdAt' },
  { heading: 'EXPIRES', field: 'expiresAt' },
] as const;

interface RejectOptions extends GatewayOptions {
  readonly reason: string;
  readonly tellDevice?: true;
}

/** `scep-gateway approval`: what waits for an officer. */
export function addApprovalCommand(program: Command, context: CommandContext): void {
  const approval = program.command('approval').description('requests that wait for an officer, and the decision');
  addList(approval, context, {
    plural: 'requests that wait for approval or waited, the newest first',
    collection: APPROVAL.collection,
    columns: COLUMNS,
    filters: [
      { flags: '--state <state>', description: 'waiting, approved, rejected or expired', parameter: 'state' },
      { flags: '--alias <name>', description: 'only those to this alias', parameter: 'alias' },
      { flags: '--username <username>', description: 'only those of this end entity', parameter: 'username' },
      { flags: '--transaction-id <id>', description: 'only those with this transactionID', parameter: 'transactionID' },
    ],
  });
  addShow(approval, context, APPROVAL);
  addApprove(approval, context);
  addReject(approval, context);
}

function addApprove(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('approve').description('issue the certificate; the device fetches it by itself'))
    .argument('<id>')
    .action(async (id: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const approved = await client.post(resourcePath('approvals', id, 'approve'), {});
      showDone(context.terminal, options, approved, `request ${id} is approved, the certificate is issued`);
    });
}

function addReject(parent: Command, context: CommandContext): void {
  withGatewayOptions(parent.command('reject').description('refuse a request for good; its device may make a new one'))
    .argument('<id>')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--tell-device', 'tell the device the reason, too; everybody on its way can read that')
    .action(async (id: string, { reason, tellDevice, ...options }: RejectOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const path = resourcePath('approvals', id, 'reject');
      const rejected = await client.post(path, { reason, tellDevice: tellDevice === true });
      showDone(context.terminal, options, rejected, `request ${id} is rejected`);
    });
}
