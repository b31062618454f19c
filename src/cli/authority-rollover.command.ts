import type { Command } from 'commander';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { load, positiveInteger } from './resource-commands';

interface PlanOptions extends GatewayOptions {
  readonly key: string;
  readonly keyAlgorithm?: string;
  readonly validityDays?: number;
  readonly activateAt?: string;
  readonly validFrom?: string;
  readonly overlapHours?: number;
}

/** As much of a generation as is told. */
interface Generation {
  readonly number: number;
  /** Null while a CA elsewhere has not answered. */
  readonly certificate: { readonly fingerprints: { readonly sha256: string } } | null;
  readonly activateAt: string | null;
}

/** `scep-gateway authority rollover`: from one generation of a CA to the next. */
export function addRolloverCommand(authority: Command, context: CommandContext): void {
  const rollover = authority.command('rollover').description('the rollover of a CA to its next key and certificate');
  addPlan(rollover, context);
  withGatewayOptions(rollover.command('activate').description('make the next key and certificate the present ones'))
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.post(resourcePath('authorities', name, 'rollover', 'activate'), {});
      showDone(
        context.terminal,
        options,
        changed,
        `authority ${name} is in its generation ${String(changed.generation)} now`,
      );
    });
  withGatewayOptions(rollover.command('cancel').description('withdraw the next key and certificate'))
    .argument('<name>')
    .action(async (name: string, options: GatewayOptions) => {
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const changed = await client.withdraw(resourcePath('authorities', name, 'rollover'));
      showDone(context.terminal, options, changed, `no rollover of authority ${name} is planned any more`);
    });
}

function addPlan(rollover: Command, context: CommandContext): void {
  withGatewayOptions(rollover.command('plan').description('make the next key and certificate, and tell devices of it'))
    .argument('<name>')
    .option('--key <new|same>', 'a key of its own for the next certificate, or the present one', 'new')
    .option('--key-algorithm <name>', 'of a new key; else that of the present one')
    .option('--validity-days <n>', 'validity of the next certificate; else that of the present one', positiveInteger)
    .option('--activate-at <time>', 'when it is to take over, in ISO 8601 with time zone; else by `activate`')
    .option('--valid-from <switch|now>', 'from when on the next certificate is valid; from the switch unless given')
    .option('--overlap-hours <n>', 'how long the present key opens late messages after that', hours)
    .action(async (name: string, options: PlanOptions) => {
      const { key, keyAlgorithm, validityDays, activateAt, validFrom, overlapHours } = options;
      const [client, { showDone }, { resourcePath }] = await load(options, context);
      const body = { key, keyAlgorithm, validityDays, activateAt, validFrom, overlapHours };
      const planned = await client.post(resourcePath('authorities', name, 'rollover'), body);
      showDone(context.terminal, options, planned, told(name, (planned.generations as Generation[])[0] as Generation));
    });
}

function told(name: string, { number, certificate, activateAt }: Generation): string {
  if (certificate === null)
    return `generation ${number} waits for its certificate: see \`authority request ${name}\` and \`authority certificate\``;
  const when = activateAt === null ? 'when it is told to' : `at ${activateAt}`;
  return `generation ${number} takes over ${when}; SHA-256 ${certificate.fingerprints.sha256}`;
}

/** Reads the value of an option that is a number of hours, none included. */
export function hours(text: string): number {
  return text === '0' ? 0 : positiveInteger(text);
}
