import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { startGateway } from '../support/start-gateway';
import type { TestGateway } from '../support/start-gateway';

describe('the two listeners of a gateway', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });

  afterAll(async () => {
    await gateway.close();
  });

  it('tell that they are live and ready', async () => {
    for (const url of [gateway.publicUrl, gateway.adminUrl]) {
      const live = await fetch(`${url}/health/live`);
      expect([live.status, await live.text()]).toEqual([200, 'live\n']);
      const ready = await fetch(`${url}/health/ready`);
      expect([ready.status, await ready.text()]).toEqual([200, 'ready\n']);
    }
  });

  it('answer 404 of their own kind', async () => {
    const device = await fetch(`${gateway.publicUrl}/no/such/page`);
    expect([device.status, device.headers.get('content-type'), await device.text()]).toEqual([
      404,
      'text/plain; charset=utf-8',
      'not found\n',
    ]);
    const admin = await fetch(`${gateway.adminUrl}/no/such/page`);
    expect(admin.status).toBe(404);
    expect(admin.headers.get('content-type')).toMatch(/json/);
  });

  it('take absolute-form targets, as from clients that use a proxy (RFC 9112 section 3.2.2)', async () => {
    const { port } = new URL(gateway.publicUrl);
    const path = 'http://ra.example.com:8080/health/live';
    const answer = await new Promise<string>((resolve, reject) => {
      request({ port, path }, (response) => {
        text(response).then(resolve, reject);
      })
        .on('error', reject)
        .end();
    });
    expect(answer).toBe('live\n');
  });

  it('take HTTP/1.0, and HTTP/1.1 without Host (I-06)', async () => {
    for (const version of ['1.0', '1.1']) {
      const answer = await rawRequest(`GET /health/live HTTP/${version}\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 200 /);
      expect(answer).toMatch(/Content-Length: 5\r\n/);
      expect(answer).not.toMatch(/transfer-encoding/i);
    }
  });

  it('take a request line of 48 KiB (I-35) and refuse more than 64 KiB', async () => {
    const ask = (length: number) => `GET /x?message=${'A'.repeat(length)} HTTP/1.1\r\nConnection: close\r\n\r\n`;
    expect(await rawRequest(ask(48 * 1024))).toMatch(/^HTTP\/1\.1 404 /);
    expect(await rawRequest(ask(80 * 1024))).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('refuse a path that is no percent-encoded UTF-8', async () => {
    expect(await rawRequest('GET /scep/%E4 HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('refuse other methods on the health pages', async () => {
    const answer = await fetch(`${gateway.publicUrl}/health/ready`, { method: 'POST', body: 'x' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  async function rawRequest(message: string): Promise<string> {
    const socket = connect(Number(new URL(gateway.publicUrl).port), '127.0.0.1');
    socket.end(message);
    return text(socket);
  }
});
