import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { loadConfig } from '../../src/config/environment';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { extensions, subjectAltName } from '../../src/pki/x509/extension';
import { pem } from '../../src/pki/x509/pem';
import { startGateway } from '../support/start-gateway';
import type { TestGateway } from '../support/start-gateway';
import { runDirectory } from '../support/test-database';
import { TestSigningKey } from '../support/test-signing-key';

describe("the administrators' listener with TLS", () => {
  let gateway: TestGateway;
  let environment: { ADMIN_TLS_CERT_FILE: string; ADMIN_TLS_KEY_FILE: string };
  let certificate: string;

  beforeAll(async () => {
    const directory = mkdtempSync(join(runDirectory(), 'tls-'));
    const key = TestSigningKey.ec();
    const name = DistinguishedName.parse('CN=localhost');
    certificate = pem(
      'CERTIFICATE',
      await buildCertificate({
        serialNumber: Buffer.from([1]),
        issuer: name,
        subject: name,
        notBefore: new Date('2020-01-01T00:00:00Z'),
        notAfter: new Date('2049-01-01T00:00:00Z'),
        spki: key.publicKey.spki,
        extensions: extensions([subjectAltName([{ type: 'dns', value: 'localhost' }], false)]),
        signer: key,
        digest: 'sha256',
      }),
    );
    environment = {
      ADMIN_TLS_CERT_FILE: join(directory, 'certificate.pem'),
      ADMIN_TLS_KEY_FILE: join(directory, 'key.pem'),
    };
    writeFileSync(environment.ADMIN_TLS_CERT_FILE, certificate);
    writeFileSync(environment.ADMIN_TLS_KEY_FILE, key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { ADMIN_TLS_CERT_FILE: NDES_TLS_CERT_FILE, ADMIN_TLS_KEY_FILE: NDES_TLS_KEY_FILE } = environment;
    const ndes = { NDES_PORT: '0', NDES_TLS_CERT_FILE, NDES_TLS_KEY_FILE };
    gateway = await startGateway({ environment: { ...environment, ...ndes } });
  });

  afterAll(async () => {
    await gateway.close();
  });

  const get = async (path: string, url = gateway.adminUrl): Promise<{ status: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      const options = { port: new URL(url).port, path, ca: certificate, host: 'localhost', agent: false };
      request(options, (response) => {
        text(response).then((body) => {
          resolve({ status: response.statusCode, body });
        }, reject);
      })
        .on('error', reject)
        .end();
    });

  it('serves health pages and the REST interface under the certificate it was given', async () => {
    expect(await get('/health/ready')).toEqual({ status: 200, body: 'ready\n' });
    expect((await get('/api/v1/aliases')).status).toBe(401);
  });

  it("has not NDES's page where that has a listener of its own, which has nothing else", async () => {
    const { ndesUrl } = gateway;
    expect(ndesUrl).toMatch(/^https:/);
    expect((await get('/certsrv/mscep_admin/', ndesUrl)).status).toBe(401);
    expect((await get('/health/ready', ndesUrl)).body).toBe('ready\n');
    for (const path of ['/api/v1/aliases', '/api/docs', '/scep/scep/pkiclient.exe?operation=GetCACaps'])
      expect([path, (await get(path, ndesUrl)).status]).toEqual([path, 404]);
    expect((await get('/certsrv/mscep_admin/')).status).toBe(404);
    await expect(fetch(ndesUrl!.replace('https:', 'http:'))).rejects.toThrow();
  });

  it('does not answer plain HTTP', async () => {
    await expect(fetch(gateway.adminUrl.replace('https:', 'http:'))).rejects.toThrow();
  });

  it('may then be reached from other machines', () => {
    expect(loadConfig({ ADMIN_HOST: '0.0.0.0', ...environment }).adminTls).toEqual({
      certificateFile: environment.ADMIN_TLS_CERT_FILE,
      keyFile: environment.ADMIN_TLS_KEY_FILE,
    });
  });

  it('closes idle connections when it stops, TLS or not', async () => {
    const other = await startGateway({ environment });
    const port = Number(new URL(other.adminUrl).port);
    const socket = connect({ port, host: 'localhost', ca: certificate });
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await other.close();
    await closed;
  });
});
