import { isLoopback } from '../config/listener-protection';
import type { CliEnvironment } from '../config/cli-environment';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import type { Resource } from './table';
import { printable } from './terminal';

/** Values of a query; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** One page's worth or more of a list. */
export interface Listing {
  readonly items: readonly Resource[];
  /** There are more than were asked for. */
  readonly truncated: boolean;
}

const TIMEOUT_MS = 60_000;
const PAGE_SIZE = 100;

/** The gateway's REST interface as the commands use it (docs/rest-api.md). */
export class GatewayClient {
  /** @param environment address and token */
  constructor(private readonly environment: CliEnvironment) {}

  /** Whether the token goes over a network in clear. */
  get exposesToken(): boolean {
    const { protocol, hostname } = new URL(this.environment.gatewayUrl);
    return protocol === 'http:' && !isLoopback(hostname);
  }

  /** One resource. Throws {@link CommandError}: `refused`, `noAnswer`. */
  get(path: string, query: Query = {}): Promise<Resource> {
    return this.send('GET', path + queryText(query));
  }

  /** Creates something or does what is no change of fields. Throws as {@link get}. */
  post(path: string, body: object): Promise<Resource> {
    return this.send('POST', path, body);
  }

  /** Changes the fields that the JSON merge patch names. Throws as {@link get}. */
  patch(path: string, body: object): Promise<Resource> {
    return this.send('PATCH', path, body);
  }

  /** Puts something in the place of what was there. Throws as {@link get}. */
  put(path: string, body: object): Promise<Resource> {
    return this.send('PUT', path, body);
  }

  /** Removes a resource. Throws as {@link get}. */
  async delete(path: string): Promise<void> {
    await this.send('DELETE', path);
  }

  /** Removes a part of a resource and returns what that is then. Throws as {@link get}. */
  withdraw(path: string): Promise<Resource> {
    return this.send('DELETE', path);
  }

  /** At most `limit` items of a list, page after page. Throws as {@link get}. */
  async list(path: string, query: Query, limit: number): Promise<Listing> {
    const items: Resource[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.get(path, { ...query, limit: Math.min(PAGE_SIZE, limit - items.length), cursor });
      items.push(...(page.items as Resource[]));
      cursor = typeof page.nextCursor === 'string' ? page.nextCursor : undefined;
    } while (cursor !== undefined && items.length < limit);
    return { items, truncated: cursor !== undefined };
  }

  private async send(method: string, path: string, body?: object): Promise<Resource> {
    const { gatewayUrl, token } = this.environment;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${gatewayUrl}/api/v1${path}`, {
        method,
        headers: {
          Accept: 'application/json, application/problem+json',
          ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would take the token along.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch (cause) {
      throw new CommandError(ExitCode.noAnswer, noAnswer(gatewayUrl, cause), { cause });
    }
    const answer = readObject(text);
    if (!response.ok) throw new CommandError(ExitCode.refused, problemText(response.status, answer));
    if (answer === undefined && text !== '')
      throw new CommandError(ExitCode.noAnswer, `what answers at ${gatewayUrl} is no scep-gateway`);
    return answer ?? {};
  }
}

/** The path of a resource; names are percent-encoded. Throws {@link CommandError} (`usage`) for what can be no name. */
export function resourcePath(...segments: readonly string[]): string {
  return segments
    .map((segment) => {
      if (segment === '' || segment === '.' || segment === '..')
        throw new CommandError(ExitCode.usage, `"${segment}" can be no name`);
      return `/${encodeURIComponent(segment)}`;
    })
    .join('');
}

function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? '' : `?${given.toString()}`;
}

function readObject(text: string): Resource | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Resource) : undefined;
  } catch {
    return undefined;
  }
}

/** A problem (RFC 9457) for people: its detail, then a line for each field that is wrong. */
function problemText(status: number, problem: Resource | undefined): string {
  const told = [problem?.detail, problem?.title].find((text) => typeof text === 'string' && text !== '');
  const lines = [typeof told === 'string' ? printable(told) : `the gateway answered with HTTP ${status}`];
  if (typeof problem?.explanation === 'string') lines.push(`  ${printable(problem.explanation)}`);
  const errors = Array.isArray(problem?.errors) ? (problem.errors as unknown[]) : [];
  for (const error of errors) {
    const { field, message } = error as { field?: unknown; message?: unknown };
    if (typeof field === 'string' && typeof message === 'string')
      lines.push(`  ${printable(field === '' ? message : `${field}: ${withoutName(message, field)}`)}`);
  }
  if (status === 401)
    lines.push(
      '  give the token by SCEP_GATEWAY_TOKEN_FILE or --token-file; a gateway with a database of its own keeps it in',
      '  its data directory, in the file admin-token, where commands find it if DATA_DIR names that directory',
    );
  return lines.join('\n');
}

/** Many messages begin with the last part of the field's path, which stands before them already. */
function withoutName(message: string, field: string): string {
  const name = `${field.slice(field.lastIndexOf('.') + 1)} `;
  return message.startsWith(name) ? message.slice(name.length) : message;
}

function noAnswer(gatewayUrl: string, error: unknown): string {
  // fetch says "fetch failed" and hides the reason in the cause.
  const { cause, name } = error as { cause?: { code?: unknown; message?: unknown }; name?: unknown };
  const reason = [cause?.code, cause?.message, name].find((text) => typeof text === 'string' && text !== '');
  return (
    `no gateway answers at ${gatewayUrl} (${String(reason)})\n` +
    '  is it running? Another address is given by SCEP_GATEWAY_URL or --gateway'
  );
}
