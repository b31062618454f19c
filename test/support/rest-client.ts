import { AuthorityService } from '../../src/authorities/authority.service';
import { DefaultProfiles } from '../../src/profiles/default-profiles';
import { TransactionRunner } from '../../src/database/transaction-runner';
import type { TestGateway } from './start-gateway';

/** An answer of the REST interface. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  /** The body as JSON; empty if there is none. */
  readonly body: JsonObject;
}

/** A JSON object of any form. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of every form
export type JsonObject = Record<string, any>;

/** The items of a page. */
export const itemsOf = ({ body }: RestAnswer): JsonObject[] => body['items'] as JsonObject[];

/** An administrator's client, with the right token. */
export class RestClient {
  constructor(
    private readonly gateway: Pick<TestGateway, 'adminUrl' | 'adminToken'>,
    private readonly token = gateway.adminToken,
  ) {}

  get(path: string): Promise<RestAnswer> {
    return this.send('GET', path);
  }

  post(path: string, body?: object): Promise<RestAnswer> {
    return this.send('POST', path, body);
  }

  put(path: string, body: object): Promise<RestAnswer> {
    return this.send('PUT', path, body);
  }

  patch(path: string, body: object): Promise<RestAnswer> {
    return this.send('PATCH', path, body);
  }

  delete(path: string): Promise<RestAnswer> {
    return this.send('DELETE', path);
  }

  /** Sends bytes as they are. */
  async send(method: string, path: string, body?: object | string): Promise<RestAnswer> {
    const response = await fetch(`${this.gateway.adminUrl}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as JsonObject) : {},
    };
  }

  /** All items of a list, page by page, `limit` at a time. */
  async all(path: string, limit: number): Promise<{ items: JsonObject[]; pages: number }> {
    const items: JsonObject[] = [];
    let cursor: string | null = '';
    let pages = 0;
    while (cursor !== null) {
      const separator = path.includes('?') ? '&' : '?';
      const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await this.get(`${path}${separator}limit=${limit}${from}`);
      items.push(...itemsOf(page));
      cursor = page.body['nextCursor'] as string | null;
      pages += 1;
    }
    return { items, pages };
  }
}

/** The names of the wrong fields in a problem, each once. */
export function wrongFields({ status, body }: RestAnswer): string[] {
  expect(status).toBe(400);
  expect(body['type']).toBe('urn:scep-gateway:problem:invalid-input');
  return [...new Set((body['errors'] as { field: string }[]).map(({ field }) => field))];
}

/** Makes an authority whose key is quickly made. */
export async function createAuthority(gateway: TestGateway, name: string): Promise<void> {
  const service = gateway.application.get(AuthorityService, { strict: false });
  await service.create('test', { name, subject: `CN=${name}`, keyAlgorithm: 'RSA-2048' });
}

/** Makes the profiles ENDUSER and EMPTY. */
export async function createDefaultProfiles(gateway: TestGateway): Promise<void> {
  const profiles = gateway.application.get(DefaultProfiles, { strict: false });
  const transactions = gateway.application.get(TransactionRunner, { strict: false });
  await transactions.inTransaction((manager) => profiles.ensureDefaultProfiles(manager, 'test'));
}
