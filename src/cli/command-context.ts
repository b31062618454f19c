import type { Command } from 'commander';
import type { GatewayClient } from './gateway-client';
import type { Terminal } from './terminal';

/** What `serve` and `migrate` start: given by main.ts, the only place that knows the whole application. */
export interface Launchers {
  /** Starts the gateway and resolves when it serves. */
  serve(): Promise<void>;
  /** Brings the schema up to date, or undoes the newest migration. */
  migrate(options: { readonly revert: boolean }): Promise<void>;
}

/** What commands work with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly launchers: Launchers;
}

/** Options that every command has which talks to a gateway. */
export interface GatewayOptions {
  readonly gateway?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** Adds the options that every command has which talks to a gateway. */
export function withGatewayOptions(command: Command): Command {
  return command
    .option('--gateway <url>', "the gateway's address for administrators (SCEP_GATEWAY_URL)")
    .option('--token-file <file>', 'file with the bearer token, - for standard input (SCEP_GATEWAY_TOKEN_FILE)')
    .option('--json', 'write JSON');
}

/** The gateway that the options and the environment name. Throws {@link CommandError} and ConfigError. */
export async function connect(options: GatewayOptions, { terminal }: CommandContext): Promise<GatewayClient> {
  // Loaded when needed: most of the time that a short command takes is the loading of its parts.
  const [{ loadCliEnvironment }, { GatewayClient }, { givenSecret }, { remark }] = await Promise.all([
    import('../config/cli-environment.js'),
    import('./gateway-client.js'),
    import('./secret-input.js'),
    import('./terminal.js'),
  ]);
  const token = await givenSecret({ noun: 'token', option: 'token', file: options.tokenFile }, terminal);
  const client = new GatewayClient(loadCliEnvironment({ gatewayUrl: options.gateway, token }, terminal.environment));
  if (client.exposesToken) remark(terminal, 'scep-gateway: the token goes over the network in clear: use https');
  return client;
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
