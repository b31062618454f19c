import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isLoopback } from './listener-protection';
import { VariableReader } from './variable-reader';
import type { Environment } from './variable-reader';

/** What the environment tells a command that talks to a gateway. */
export interface CliEnvironment {
  /** Address of the administrators' listener, without a slash at the end. */
  readonly gatewayUrl: string;
  /** Bearer token; undefined where none is found. */
  readonly token: string | undefined;
}

/** What the command line itself says; it comes before the environment. */
export interface CliOptions {
  /** Address of the administrators' listener. */
  readonly gatewayUrl?: string | undefined;
  /** Bearer token. */
  readonly token?: string | undefined;
}

/** Where `scep-gateway serve` listens for administrators unless it is told otherwise. */
export const DEFAULT_GATEWAY_URL = 'http://127.0.0.1:9090';

/** File in the data directory with the token of the first administrator. */
export const ADMIN_TOKEN_FILE_NAME = 'admin-token';

/**
 * Address and token for the commands that talk to a gateway: from the command line, `SCEP_GATEWAY_URL` and
 * `SCEP_GATEWAY_TOKEN` (or `SCEP_GATEWAY_TOKEN_FILE`). For a gateway on this machine there is also what the gateway
 * itself was told: `ADMIN_TOKEN` (or `ADMIN_TOKEN_FILE`), or the file `admin-token` in `DATA_DIR`; that secret never
 * goes to another machine because of a mistyped address.
 *
 * @throws ConfigError naming all mistakes at once, and no value
 */
export function loadCliEnvironment(options: CliOptions = {}, environment: Environment = process.env): CliEnvironment {
  const read = new VariableReader(environment);
  const gatewayUrl = readUrl(read, options.gatewayUrl) ?? DEFAULT_GATEWAY_URL;
  const token = options.token ?? read.secret('SCEP_GATEWAY_TOKEN') ?? localToken(read, gatewayUrl);
  read.finish();
  return Object.freeze({ gatewayUrl, token });
}

function readUrl(read: VariableReader, given: string | undefined): string | undefined {
  const text = given ?? read.text('SCEP_GATEWAY_URL');
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable =
    url !== undefined && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username + url.password === '';
  if (usable) return url.href.replace(/\/+$/, '');
  const name = given === undefined ? 'SCEP_GATEWAY_URL' : '--gateway';
  read.mistake(`${name} is to be an http or https URL without user, query or fragment`);
  return undefined;
}

function localToken(read: VariableReader, gatewayUrl: string): string | undefined {
  if (!isLoopback(new URL(gatewayUrl).hostname)) return undefined;
  const told = read.secret('ADMIN_TOKEN');
  if (told !== undefined) return told;
  try {
    return readFileSync(join(resolve(read.text('DATA_DIR') ?? 'data'), ADMIN_TOKEN_FILE_NAME), 'utf8').trim();
  } catch {
    // No such file, or not for this user: the gateway will say that a token is missing.
    return undefined;
  }
}
