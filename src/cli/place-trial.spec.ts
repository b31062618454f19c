import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { triedPlaces } from './place-trial';

const CAPABILITIES = 'POSTPKIOperation\nSHA-256\n';
const CRL = Buffer.from([0x30, 0x00]);

describe('what devices have to reach', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    const answers: Readonly<Record<string, readonly [number, string | Buffer]>> = {
      '/scep': [200, CAPABILITIES],
      '/page': [200, '<html> a page of somebody else </html>'],
      '/crl': [200, CRL],
      '/moved': [302, ''],
    };
    server = createServer((request, response) => {
      const [status, body] = answers[request.url!] ?? [404, ''];
      response.writeHead(status, { location: '/scep' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it.each<['scep' | 'crl', string, string | undefined]>([
    ['scep', '/scep', undefined],
    ['crl', '/crl', undefined],
    ['scep', '/page', 'answers with no capabilities'],
    ['crl', '/page', 'no CRL in DER'],
    ['scep', '/moved', 'redirect'],
    ['crl', '/none', 'HTTP 404'],
  ])('is tried as %s: %s', async (purpose, path, told) => {
    const findings = await triedPlaces([{ purpose, url: url + path }]);
    if (told === undefined) expect(findings).toEqual([]);
    else
      expect(findings).toEqual([
        expect.objectContaining({
          level: purpose === 'scep' ? 'error' : 'warning',
          rule: `online.${purpose}`,
          what: expect.stringContaining(told) as string,
        }),
      ]);
  });

  it('is told where nobody answers, and where HTTP does not lead', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const findings = await triedPlaces([
      { purpose: 'scep', url: `http://127.0.0.1:${port}/` },
      { purpose: 'crl', url: 'ldap://directory.example.test/cn=CA' },
    ]);
    expect(findings.map(({ rule, what }) => [rule, what])).toEqual([
      ['online.scep', expect.stringContaining('ECONNREFUSED')],
      ['online.not-tried', expect.stringContaining('ldap://')],
    ]);
  });
});
