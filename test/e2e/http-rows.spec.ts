import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Certificate } from '../../src/pki/x509/certificate';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';

/** How SCEP is carried over HTTP: what clients of all ages put around their messages, and what they need back. */
let scene: EnrolmentScene;
let users = 0;

beforeAll(async () => {
  scene = await enrolmentScene();
  await scene.createAuthority({ name: 'Below', subject: 'CN=Below', issuer: { authority: 'Devices' } });
  await scene.createAlias('below', { authorities: ['Below'] });
});

afterAll(() => scene.close());

/** The message of a fresh end entity. */
async function message(extensions?: { oid: string; critical: boolean; value: Buffer }[]): Promise<Buffer> {
  users += 1;
  const username = `device-${users}`;
  await scene.register(username, 'secret');
  return (await scene.message(`CN=${username}`, 'secret', { extensions, transactionID: username })).bytes;
}

interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly headers: Headers;
  readonly body: Buffer;
}

async function ask(target: string, init: RequestInit = {}, alias = 'scep'): Promise<Answer> {
  const response = await fetch(`${scene.gateway.publicUrl}/scep/${alias}${target}`, { redirect: 'error', ...init });
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
}

const post = (target: string, bytes: Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(target, { method: 'POST', body: new Uint8Array(bytes), headers });

const statusIn = ({ status, body }: Answer): string =>
  status === 200 ? decodeCertRep(body).outcome.pkiStatus : `HTTP ${status}`;

const UNKNOWN_EXTENSION = '1.3.6.1.4.1.99999.1';
const extensionOf = (octets: number) => [{ oid: UNKNOWN_EXTENSION, critical: false, value: Buffer.alloc(octets) }];

describe('operations', () => {
  it.each([
    ['A-05, B-01', '?operation=GetCACaps', 'text/plain'],
    ['A-05, C-01', '?operation=GetCACert', 'application/x-x509-ca-cert'],
    ['A-05, I-36', '?operation=GetCACertChain', 'application/x-x509-ca-ra-cert-chain'],
    ['I-01', '/pkiclient.exe?operation=getcacaps&', 'text/plain'],
    ['I-01', '/pkiclient.exe?OPERATION=%20GetCACert%20&serial=1&message=x', 'application/x-x509-ca-cert'],
    ['I-01', '/pkiclient.exe?operation=GetCACaps?message=x', 'text/plain'],
  ])('%s: %s is answered with %s, I-10: which has no parameter (A-08)', async (_, target, contentType) => {
    const answer = await ask(target);
    expect([answer.status, answer.contentType]).toEqual([200, contentType]);
  });

  it('A-08, C-03, N-22: GetCACert of a subordinate is a bag, under its own type', async () => {
    expect((await ask('?operation=GetCACert&message=Below', {}, 'below')).contentType).toBe(
      'application/x-x509-ca-ra-cert',
    );
  });

  it.each(['GetCACaps', 'GetCACert', 'GetCACertChain'])(
    'B-10, C-08, I-07, N-22: %s is the same with a CA identifier, an empty one and none',
    async (operation) => {
      const bodies = await Promise.all(
        ['', '&message=', '&message=Devices', '&message=whatever'].map((rest) => ask(`?operation=${operation}${rest}`)),
      );
      expect(bodies[0]!.status).toBe(200);
      for (const { body } of bodies) expect(body).toEqual(bodies[0]!.body);
    },
  );

  it('A-10: GetCACaps, GetCACert and GetNextCACert by POST are no SCEP message, and nothing worse', async () => {
    for (const operation of ['GetCACaps', 'GetCACert', 'GetNextCACert'])
      for (const body of [Buffer.alloc(0), Buffer.from('operation=GetCACert')])
        expect([operation, (await post(`?operation=${operation}`, body)).status]).toEqual([operation, 400]);
  });

  it('I-11: come in any order, and need no cookie: Apple asks for the certificate before the capabilities', async () => {
    const bytes = await message();
    const steps = [
      () => post('?operation=PKIOperation', bytes),
      () => ask('?operation=GetCACert'),
      () => ask('?operation=GetCACaps'),
      () => post('?operation=PKIOperation', bytes),
    ];
    for (const step of steps) {
      const answer = await step();
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null]);
    }
  });

  it('I-06: are never redirected, nor chunked: what is answered has a length', async () => {
    for (const target of ['', '/', '/pkiclient.exe']) {
      const { status, headers, body } = await ask(`${target}?operation=GetCACert`);
      expect([status, headers.get('content-length'), headers.get('transfer-encoding')]).toEqual([
        200,
        String(body.length),
        null,
      ]);
    }
  });
});

describe('I-09: a CA identifier that is a number', () => {
  /** What certmonger asks for while it gets one certificate at a time, and another each time. */
  async function walk(alias: string): Promise<string[]> {
    const certificates: string[] = [];
    for (let position = 0; position < 32; position++) {
      const { status, contentType, body } = await ask(`?operation=GetCACert&message=${position}`, {}, alias);
      const certificate = body.toString('hex');
      if (status !== 200 || contentType !== 'application/x-x509-ca-cert' || certificates.includes(certificate)) break;
      certificates.push(certificate);
    }
    return certificates;
  }
  const namesIn = (certificates: string[]) =>
    certificates.map((hex) => Certificate.read(Buffer.from(hex, 'hex')).subject.toString());

  it.each(['fallback', 'strict'] as const)(
    'is a place in the chain where certificates come one by one: %s',
    async (caIdentifierPolicy) => {
      const caCertificateResponse = { singleCertificate: true };
      const name = `single-${caIdentifierPolicy}`;
      await scene.createAlias(name, { authorities: ['Below'], caCertificateResponse, caIdentifierPolicy });
      expect(namesIn(await walk(name))).toEqual(['CN=Below', 'CN=Devices,O=Example']);
      const beyond = await ask('?operation=GetCACert&message=2', {}, name);
      expect(beyond.status).toBe(caIdentifierPolicy === 'strict' ? 404 : 200);
      expect((await ask('?operation=GetCACaps&message=0', {}, name)).status).toBe(200);
    },
  );

  it('ends at once where there is one certificate, and where all come together', async () => {
    expect(namesIn(await walk('scep'))).toEqual(['CN=Devices,O=Example']);
    expect(await walk('below')).toEqual([]);
    const bag = await ask('?operation=GetCACert&message=1', {}, 'below');
    expect(bag.body).toEqual((await ask('?operation=GetCACert', {}, 'below')).body);
  });

  it('is the name of the authority that is called so', async () => {
    await scene.createAuthority({ name: '1', subject: 'CN=One' });
    await scene.createAlias('numbered', { authorities: ['Devices', '1'] });
    const { body } = await ask('?operation=GetCACert&message=1', {}, 'numbered');
    expect(Certificate.read(body).subject.toString()).toBe('CN=One');
  });
});

describe('PKIOperation', () => {
  it('A-11, G-15, L-06: needs no TLS', async () => {
    expect(scene.url()).toMatch(/^http:/);
    const answer = await post('/pkiclient.exe?operation=PKIOperation', await message());
    expect([statusIn(answer), answer.contentType]).toEqual(['SUCCESS', 'application/x-pki-message']);
  });

  it.each(['', '?', '?operation=PKIOperation', '?operation=GetCACert', '?operation=nonsense&message=x'])(
    'A-04: is what a POST asks for, whatever its query says: "%s"',
    async (query) => {
      expect(statusIn(await post(`/pkiclient.exe${query}`, await message()))).toBe('SUCCESS');
    },
  );

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['application/x-pki-message', 'application/x-pki-message'],
    ['application/octet-stream', 'application/octet-stream'],
    ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    ['multipart/form-data', 'multipart/form-data; boundary=x'],
    ['application/json', 'application/json'],
  ])('A-09, I-02, N-23: does not look at the Content-Type: %s', async (_, type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    expect(statusIn(await post('?operation=PKIOperation', await message(), headers))).toBe('SUCCESS');
  });

  it('I-02: comes in chunks too', async () => {
    const bytes = await message();
    const chunks = [bytes.subarray(0, 700), bytes.subarray(700)];
    const body = new ReadableStream({
      pull: (controller) => {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(new Uint8Array(chunk));
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    expect(statusIn(await ask('?operation=PKIOperation', init))).toBe('SUCCESS');
  });

  it('I-35: is taken with 100 KiB by POST and 32 KiB by GET', async () => {
    const large = await message(extensionOf(100_000));
    expect(large.length).toBeGreaterThan(100_000);
    expect(statusIn(await post('?operation=PKIOperation', large))).toBe('SUCCESS');
    const target = `?operation=PKIOperation&message=${encodeURIComponent((await message(extensionOf(24_000))).toString('base64'))}`;
    expect(target.length).toBeGreaterThan(32_768);
    expect(statusIn(await ask(target))).toBe('SUCCESS');
  });

  it('I-03, I-04, A-06: is read from a query as Cisco IOS writes it: line breaks, unescaped "+" and "/"', async () => {
    const base64 = (await message()).toString('base64').replace(/(.{64})/g, '$1%0A');
    expect(base64).toMatch(/\+/);
    expect(statusIn(await ask(`/pkiclient.exe?operation=PKIOperation&message=${base64}%0A`))).toBe('SUCCESS');
  });

  it.each([
    ['I-06: is answered to a client of HTTP/1.0 that sends no header at all', ' HTTP/1.0'],
    ['N-27: is answered to a request line without a version', ''],
  ])('%s', async (_, version) => {
    const base64 = encodeURIComponent((await message()).toString('base64'));
    const socket = connect(Number(new URL(scene.gateway.publicUrl).port), '127.0.0.1');
    socket.write(`GET /scep/scep/pkiclient.exe?operation=PKIOperation&message=${base64}${version}\r\n\r\n`);
    const answer = await buffer(socket);
    const end = answer.indexOf('\r\n\r\n') + 4;
    expect(answer.subarray(0, end).toString()).toMatch(/^HTTP\/1\.1 200 [^]*content-length: \d+\r\n/i);
    expect(decodeCertRep(answer.subarray(end)).outcome.pkiStatus).toBe('SUCCESS');
  });

  it('I-20: refuses with HTTP 200 and a CertRep', async () => {
    const refused = await scene.message('CN=nobody', 'wrong');
    const answer = await post('?operation=PKIOperation', refused.bytes);
    expect([answer.status, answer.contentType, statusIn(answer)]).toEqual([
      200,
      'application/x-pki-message',
      'FAILURE',
    ]);
  });
});

describe('capabilities', () => {
  const caps = async (alias: string): Promise<string[]> => {
    const { body } = await ask('?operation=GetCACaps', {}, alias);
    expect(body.toString()).toMatch(/^([A-Za-z0-9-]+\n)*$/);
    return body.toString().trimEnd().split('\n');
  };

  it('N-14, N-15, B-09: are there before anything else, one a line, the permission to use POST among them', async () => {
    expect(await caps('scep')).toEqual(expect.arrayContaining(['POSTPKIOperation', 'Renewal', 'SHA-256', 'AES']));
  });

  it('B-07, K-01: SCEPStandard promises AES-128, SHA-256 and POST, which the default alias does', async () => {
    expect(await caps('scep')).toContain('SCEPStandard');
    expect(statusIn(await post('?operation=PKIOperation', await message()))).toBe('SUCCESS');
  });

  it('I-37: SHA-1 and DES3 are offered where the alias accepts them, for devices without AES', async () => {
    const accept = { digests: ['sha1', 'sha256'], ciphers: ['3des', 'aes128'] };
    await scene.createAlias('mikrotik', { algorithms: { accept } });
    expect(await caps('mikrotik')).toEqual(expect.arrayContaining(['POSTPKIOperation', 'SHA-1', 'DES3']));
    await scene.register('mikrotik-1', 'secret');
    const weak = { digest: 'sha1', cipher: '3des' } as const;
    const { bytes } = await scene.message('CN=mikrotik-1', 'secret', weak, 'mikrotik');
    const answer = await ask('', { method: 'POST', body: new Uint8Array(bytes) }, 'mikrotik');
    expect([statusIn(answer), decodeCertRep(answer.body).digest]).toEqual(['SUCCESS', 'sha1']);
  });

  it('N-16, K-03: an alias for clients that know no capabilities, only MD5 and DES, promises neither', async () => {
    await scene.createAlias('old', { algorithms: { accept: { digests: ['md5'], ciphers: ['des'] } } });
    expect(await caps('old')).toEqual(['POSTPKIOperation', 'Renewal']);
    await scene.register('old-router', 'secret');
    const { bytes } = await scene.message('CN=old-router', 'secret', { digest: 'md5', cipher: 'des' }, 'old');
    const target = `/pkiclient.exe?operation=PKIOperation&message=${encodeURIComponent(bytes.toString('base64'))}`;
    const answer = await ask(target, {}, 'old');
    expect([statusIn(answer), decodeCertRep(answer.body).digest]).toEqual(['SUCCESS', 'md5']);
    expect(statusIn(await ask(target))).toBe('FAILURE');
  });
});
