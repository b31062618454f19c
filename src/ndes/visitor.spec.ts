import type { IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { FixedClock } from '../../test/support/fixed-clock';
import type { Config } from '../config/environment';
import { MAX_FAILURES } from '../listeners/failure-limit';
import type { RaAccountLogin, RaAccountLoginResult } from '../ra-accounts/ra-account.login';
import { Visitors } from './visitor';

const TOKEN = 'administrator-token';

/** A directory with the accounts `mdm` (alias 7) and `former`, which is disabled; the password of both is `right`. */
const directory = {
  attempt: (typed: string, password: string): Promise<RaAccountLoginResult> => {
    const known = typed === 'mdm' || typed === 'former' ? typed : undefined;
    const disabled = typed === 'former' && password === 'right';
    return Promise.resolve(
      typed === 'mdm' && password === 'right'
        ? { holder: { id: 1, name: 'mdm', aliasIds: new Set([7]) } }
        : { known, disabled },
    );
  },
} as RaAccountLogin;

describe("whoever visits NDES's page", () => {
  const written: string[] = [];
  let visitors: Visitors;

  beforeEach(() => {
    written.length = 0;
    const logger = pino({ level: 'trace' }, { write: (line: string) => void written.push(line) });
    const config = { adminToken: TOKEN, trustedProxies: ['10.0.0.1'] } as unknown as Config;
    visitors = new Visitors(directory, config, new FixedClock(), logger);
  });

  const request = (credentials?: string, address = '192.0.2.1', headers: object = {}): IncomingMessage => {
    const authorization = credentials && { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
    const socket = { remoteAddress: address };
    return { headers: { ...headers, ...authorization }, socket, connection: socket } as unknown as IncomingMessage;
  };

  it('is the administrator by the token under any name, and may fetch everything', async () => {
    for (const name of ['', 'x', 'mdm']) {
      const { visitor } = await visitors.admit(request(`${name}:${TOKEN}`));
      expect([visitor?.actor, visitor?.mayFetch(7), visitor?.mayFetch(8)]).toEqual(['administrator', true, true]);
    }
    expect((await visitors.admit(request(`${TOKEN}:x`))).visitor).toBeUndefined();
  });

  it('is an account by its name and password, and may fetch what is for it', async () => {
    const { visitor } = await visitors.admit(request('mdm:right'));
    expect([visitor?.actor, visitor?.mayFetch(7), visitor?.mayFetch(8)]).toEqual(['ra-account:mdm', true, false]);
  });

  it('is not written down as he typed, for that may be a password in the wrong field', async () => {
    await visitors.admit(request('S3cret:mdm'));
    await visitors.admit(request('mdm:S3cret'));
    await visitors.admit(request('former:right'));
    const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ address, account, disabled }) => [address, account, disabled])).toEqual([
      ['192.0.2.1', undefined, false],
      ['192.0.2.1', 'mdm', false],
      ['192.0.2.1', 'former', true],
    ]);
    expect(written.join()).not.toMatch(/S3cret|right/);
  });

  it('waits after too many failures of the address, which a trusted proxy tells', async () => {
    const from = (address: string, credentials = 'mdm:wrong') =>
      visitors.admit(request(credentials, '10.0.0.1', { 'x-forwarded-for': address }));
    for (let i = 0; i < MAX_FAILURES; i++) expect(await from('198.51.100.1')).toEqual({ wait: 0 });
    expect(await from('198.51.100.1')).toEqual({ wait: 60 });
    expect(await from('198.51.100.2')).toEqual({ wait: 0 });
    expect((await from('198.51.100.1', 'mdm:right')).visitor).toBeDefined();
    expect(written).toHaveLength(MAX_FAILURES + 1);
  });

  it('has not failed who came without credentials', async () => {
    for (let i = 0; i <= MAX_FAILURES; i++) expect(await visitors.admit(request())).toEqual({ wait: 0 });
    expect(written).toEqual([]);
  });
});
