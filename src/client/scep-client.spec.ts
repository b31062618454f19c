import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FixedClock } from '../../test/support/fixed-clock';
import { SystemRandomSource } from '../common/random-source';
import { certsOnly } from '../pki/cms/degenerate';
import { PrivateKey } from '../pki/cms/private-key';
import { Certificate } from '../pki/x509/certificate';
import { buildCertificate } from '../pki/x509/certificate-builder';
import { buildCertificationRequest, CertificationRequest } from '../pki/x509/certification-request';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { basicConstraints, extensions, keyUsage, type KeyUsageBit } from '../pki/x509/extension';
import { type CertRepStatus, encodeCertRep } from '../scep/message/cert-rep.encoder';
import { openEnvelope } from '../scep/message/pkcs-pki-envelope.opener';
import { checkPkiMessage, decodePkiMessage } from '../scep/message/pki-message.decoder';
import type { Enrolment, Identity } from './enrolment-message';
import { fingerprintText } from '../pki/x509/fingerprint';
import { HttpTransport } from './http-transport';
import { ScepClient } from './scep-client';
import { ScepClientError } from './scep-client-error';

const NOW = new Date('2026-11-21T12:00:00Z');
const clock = new FixedClock(NOW);
const random = new SystemRandomSource();
const caKey = PrivateKey.generateRsa(2048);
const raKey = PrivateKey.generateRsa(2048);
const clientKey = PrivateKey.generateRsa(2048);

async function certify(
  subject: string,
  key: PrivateKey,
  ca: boolean,
  usage: readonly KeyUsageBit[],
): Promise<Identity> {
  const der = await buildCertificate({
    serialNumber: Buffer.concat([Buffer.of(1), random.bytes(8)]),
    issuer: DistinguishedName.parse('CN=Client Test CA'),
    subject: DistinguishedName.parse(subject),
    notBefore: new Date(NOW.getTime() - 1000),
    notAfter: new Date(NOW.getTime() + 1e9),
    spki: key.publicKey.spki,
    extensions: extensions([basicConstraints(ca), keyUsage(usage)]),
    signer: caKey,
    digest: 'sha256',
  });
  return { certificate: Certificate.read(der), key };
}

/** A SCEP server of a few lines: answers whatever it is told, and remembers the requests. */
class SmallServer {
  readonly requests: { readonly method: string; readonly target: string; readonly body: Buffer }[] = [];
  caps = 'AES\r\nSHA-256\r\nPOSTPKIOperation\r\nRenewal\r\n';
  caBody: Buffer = Buffer.alloc(0);
  /** Answers GetCACert, GetNextCACert and PKIOperation with this, where it is set. */
  refusal: { status: number; contentType: string; text: string } | undefined;
  /** Who opens the envelope, and who signs the answer. */
  recipient!: Identity;
  signer!: Identity;
  status: 'SUCCESS' | 'FAILURE' | 'PENDING' = 'SUCCESS';
  /** Changes the answer before it is sent. */
  change: { nonce?: Buffer; transactionIDValue?: Buffer; certificateFor?: PrivateKey; password?: string } = {};
  private readonly server: Server = createServer((request, response) => {
    this.handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) =>
      this.server.close(() => {
        resolve();
      }),
    );
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const target = request.url!;
    this.requests.push({ method: request.method!, target, body });
    const query = new URL(target, 'http://x').searchParams;
    const operation = query.get('operation');
    if (operation === 'GetCACaps') response.end(this.caps);
    else if (this.refusal !== undefined)
      response.writeHead(this.refusal.status, { 'Content-Type': this.refusal.contentType }).end(this.refusal.text);
    else if (operation === 'GetCACert') response.end(this.caBody);
    else {
      const bytes = request.method === 'POST' ? body : Buffer.from(query.get('message')!, 'base64');
      response.setHeader('Content-Type', 'application/x-pki-message');
      response.end(await this.answer(bytes));
    }
  }

  private async answer(bytes: Buffer): Promise<Buffer> {
    const message = decodePkiMessage(bytes);
    checkPkiMessage(message);
    const opened = await openEnvelope(message.envelope, [this.recipient]);
    const csr = CertificationRequest.read(opened.content);
    const key = this.change.certificateFor ?? { publicKey: csr.publicKey };
    const issued = await certify(csr.subject.toString(), key as PrivateKey, false, ['digitalSignature']);
    const success: CertRepStatus = {
      pkiStatus: 'SUCCESS',
      certificates: [issued.certificate.der],
      protection:
        message.signer.publicKey.type === 'rsa'
          ? { kind: 'keyTransport', recipient: message.signer, keyTransport: opened.keyTransport }
          : { kind: 'password', password: this.change.password ?? csr.challengePassword ?? '' },
      cipher: opened.cipher,
    };
    const failure: CertRepStatus = { pkiStatus: 'FAILURE', failInfo: 'badRequest', failInfoText: 'not today' };
    const status = { SUCCESS: success, FAILURE: failure, PENDING: { pkiStatus: 'PENDING' } as const }[this.status];
    return encodeCertRep({
      request: {
        transactionIDValue: this.change.transactionIDValue ?? message.transactionIDValue,
        senderNonce: this.change.nonce ?? message.senderNonce,
      },
      status,
      signer: this.signer,
      digest: message.digest,
      senderNonce: random.bytes(16),
      signingTime: NOW,
      emptyContent: 'absent',
      random,
    });
  }
}

describe('ScepClient against a small server', () => {
  let server: SmallServer;
  let origin: string;
  let client: ScepClient;
  let ca: Identity;
  let enrolment: Enrolment;

  beforeEach(async () => {
    ca = await certify('CN=Client Test CA', caKey, true, ['keyCertSign', 'digitalSignature', 'keyEncipherment']);
    server = new SmallServer();
    server.recipient = server.signer = ca;
    server.caBody = ca.certificate.der;
    origin = await server.start();
    client = new ScepClient({ url: `${origin}/scep/pkiclient.exe`, clock, random });
    enrolment = {
      messageType: 'PKCSReq',
      subject: DistinguishedName.parse('CN=device-1,O=Example'),
      key: clientKey,
      challengePassword: 'secret',
      digest: 'sha256',
      cipher: 'aes128',
    };
  });
  afterEach(() => server.stop());

  it.each(['GET', 'POST'] as const)('enrols by %s', async (method) => {
    const reply = await client.enrol(enrolment, await client.getCaCert(), method);
    expect(reply).toMatchObject({ pkiStatus: 'SUCCESS' });
    if (reply.pkiStatus !== 'SUCCESS') throw new Error('not issued');
    expect(reply.certificate.subject.toString()).toBe('CN=device-1,O=Example');
    expect(server.requests.map((request) => request.method)).toEqual(['GET', method]);
  });

  it('reads capabilities with LF and CRLF, and SCEPStandard for its three (B-03, B-07)', async () => {
    const caps = await client.getCaCaps();
    expect(caps).toMatchObject({ digest: 'sha256', cipher: 'aes128', post: true });
    server.caps = 'SCEPStandard\nRenewal\n';
    await expect(client.getCaCaps()).resolves.toMatchObject({ digest: 'sha256', cipher: 'aes128', post: true });
    server.caps = '';
    await expect(client.getCaCaps()).resolves.toMatchObject({ digest: 'sha1', cipher: '3des', post: false });
  });

  it('sends the CA identifier, escaped, and no message where there is none', async () => {
    const identified = new ScepClient({ url: `${origin}/scep`, clock, random, caIdentifier: 'CA 1&2' });
    await identified.getCaCert();
    await client.getCaCert();
    expect(server.requests.map(({ target }) => target)).toEqual([
      '/scep?operation=GetCACert&message=CA%201%262',
      '/scep/pkiclient.exe?operation=GetCACert',
    ]);
  });

  it('sends the absolute form to a proxy', async () => {
    const transport = new HttpTransport({ proxy: origin });
    const proxied = new ScepClient({ url: 'http://scep.example/scep', clock, random, transport });
    await proxied.getCaCert();
    expect(server.requests[0]?.target).toBe('http://scep.example/scep?operation=GetCACert');
    await expect(transport.send('https://scep.example/scep')).rejects.toThrow('http URLs only');
  });

  it('picks recipient and signer of a split RA pair by key usage, wherever they stand (I-29)', async () => {
    const encryption = await certify('CN=RA Encryption', raKey, false, ['keyEncipherment']);
    const signing = await certify('CN=RA Signature', raKey, false, ['digitalSignature']);
    server.caBody = certsOnly([signing, ca, encryption].map(({ certificate }) => certificate.der));
    server.recipient = encryption;
    server.signer = signing;
    const certificates = await client.getCaCert();
    expect(fingerprintText(certificates.issuer, 'sha256')).toBe(fingerprintText(ca.certificate, 'sha256'));
    expect(fingerprintText(ca.certificate, 'sha1')).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    await expect(client.enrol(enrolment, certificates, 'POST')).resolves.toMatchObject({ pkiStatus: 'SUCCESS' });
    server.signer = ca;
    await expect(client.enrol(enrolment, certificates, 'POST')).rejects.toMatchObject({ rule: 'reply.signer' });
  });

  it('tells FAILURE and PENDING as answers', async () => {
    const certificates = await client.getCaCert();
    server.status = 'FAILURE';
    await expect(client.enrol(enrolment, certificates, 'POST')).resolves.toEqual({
      pkiStatus: 'FAILURE',
      failInfo: 'badRequest',
      failInfoText: 'not today',
    });
    server.status = 'PENDING';
    await expect(client.enrol(enrolment, certificates, 'POST')).resolves.toEqual({ pkiStatus: 'PENDING' });
  });

  it('refuses an answer to another message, or for another key', async () => {
    const certificates = await client.getCaCert();
    server.change = { nonce: Buffer.alloc(16, 1) };
    await expect(client.enrol(enrolment, certificates, 'POST')).rejects.toMatchObject({
      rule: 'reply.recipient-nonce',
    });
    server.change = { transactionIDValue: Buffer.from('130161', 'hex') };
    await expect(client.enrol(enrolment, certificates, 'POST')).rejects.toMatchObject({ rule: 'reply.transaction-id' });
    server.change = { certificateFor: raKey };
    await expect(client.enrol(enrolment, certificates, 'POST')).rejects.toThrow('no certificate for the key');
  });

  it('renews with the certificate it has: the answer goes to the old key (G-12)', async () => {
    const certificates = await client.getCaCert();
    const signer = await certify('CN=device-1', clientKey, false, ['digitalSignature']);
    const renewal: Enrolment = { ...enrolment, messageType: 'RenewalReq', key: raKey, signer };
    const message = await client.encode(renewal, certificates);
    expect(decodePkiMessage(message.bytes)).toMatchObject({ messageType: 'RenewalReq', defects: [] });
    const reply = await client.enrol(renewal, certificates, 'POST');
    expect(reply.pkiStatus === 'SUCCESS' && reply.certificate.publicKey.equals(raKey.publicKey)).toBe(true);
  });

  it.each(['P-256', 'P-384', 'P-521'] as const)(
    'K-05: enrols a key on %s, which is answered with the challengePassword',
    async (curve) => {
      const key = PrivateKey.generateEc(curve);
      const certificates = await client.getCaCert();
      const message = await client.encode({ ...enrolment, key }, certificates);
      expect(message.signer.certificate.keyUsage).toEqual(new Set(['digitalSignature']));
      expect(decodePkiMessage(message.bytes)).toMatchObject({ messageType: 'PKCSReq', defects: [] });
      await expect(client.enrol({ ...enrolment, key }, certificates, 'POST')).resolves.toMatchObject({
        pkiStatus: 'SUCCESS',
      });
      server.change = { password: 'another' };
      await expect(client.enrol({ ...enrolment, key }, certificates, 'POST')).rejects.toMatchObject({
        code: 'envelope-unreadable',
      });
    },
  );

  it('K-07: an EC key without a challengePassword reads no answer, and sends no request', async () => {
    const certificates = await client.getCaCert();
    const unprotected = { ...enrolment, key: PrivateKey.generateEc('P-256'), challengePassword: undefined };
    await expect(client.enrol(unprotected, certificates, 'POST')).rejects.toThrow('challengePassword');
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it('takes the challengePassword out of a request that was made beforehand', async () => {
    const key = PrivateKey.generateEc('P-256');
    const { subject } = enrolment;
    const der = await buildCertificationRequest({ subject, signer: key, challengePassword: 'made', digest: 'sha256' });
    const request = CertificationRequest.read(der);
    const beforehand = { ...enrolment, key, request, challengePassword: undefined };
    const reply = await client.enrol(beforehand, await client.getCaCert(), 'POST');
    expect(reply.pkiStatus).toBe('SUCCESS');
  });

  it('gives up on an answer that is too large, and on one that does not come', async () => {
    server.caBody = Buffer.alloc(9 * 1024 * 1024);
    await expect(client.getCaCert()).rejects.toThrow('the answer is too large');
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/scep`;
    const transport = new HttpTransport({ timeout: 1 });
    await expect(transport.send(url)).rejects.toThrow(/no answer from 127\.0\.0\.1:\d+: no answer in time/);
    silent.closeAllConnections();
    silent.close();
  });

  it.each([
    ['a reason in plain text', 'text/plain; charset=utf-8', 'there is no next CA\r\n', 'HTTP 403: there is no next CA'],
    ['a page', 'text/html', '<html>', 'HTTP 403'],
    ['what would move the cursor of a terminal', 'text/plain', '\u001b[2J', 'HTTP 403'],
    ['more than a line', 'text/plain', 'Error\n  at x', 'HTTP 403'],
    ['too much', 'text/plain', 'x'.repeat(201), 'HTTP 403'],
  ])('tells the HTTP status, with %s', async (_, contentType, text, told) => {
    const certificates = await client.getCaCert();
    server.refusal = { status: 403, contentType, text };
    const asked = { GetCACert: client.getCaCert(), GetNextCACert: client.getNextCaCert(certificates) };
    const [first, next] = await Promise.allSettled(Object.values(asked));
    expect(first).toMatchObject({ reason: new ScepClientError(`GetCACert was answered with ${told}`) });
    expect(next).toMatchObject({ reason: new ScepClientError(`GetNextCACert was answered with ${told}`) });
    const sent = client.enrol(enrolment, certificates, 'POST');
    await expect(sent).rejects.toEqual(new ScepClientError(`PKIOperation was answered with ${told}`));
  });

  it('says what went wrong where there is no SCEP server', async () => {
    server.caBody = Buffer.from('<html>');
    await expect(client.getCaCert()).rejects.toThrow(ScepClientError);
    await server.stop();
    await expect(client.getCaCaps()).rejects.toThrow(/no answer from 127\.0\.0\.1:\d+: ECONNREFUSED/);
    await server.start();
  });
});
