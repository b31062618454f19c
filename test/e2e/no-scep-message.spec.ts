import { once } from 'node:events';
import { connect } from 'node:net';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { type ForgedIdentity, forgeIdentity, forgeMessage, tlv } from '../support/forged-message';

let scene: EnrolmentScene;
let signer: ForgedIdentity;
let envelope: Buffer;

beforeAll(async () => {
  scene = await enrolmentScene();
  signer = await forgeIdentity('CN=device-1');
  const message = await scene.message('CN=device-1', 'secret', { key: new PrivateKey(signer.key) });
  envelope = decodePkiMessage(message.bytes).envelope!;
});

afterAll(() => scene.close());

describe('what is no SCEP message is answered by HTTP alone', () => {
  const valid = () => forgeMessage({ signer, content: envelope });

  it.each<[string, () => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['garbage', () => Buffer.from('<html>no</html>')],
    ['a truncated message', () => valid().subarray(0, 500)],
    ['bytes behind the message', () => Buffer.concat([valid(), Buffer.of(0)])],
    ['a certificate', () => signer.certificate.der],
    ['deep nesting', () => Array.from({ length: 5000 }).reduce<Buffer>((inner) => tlv(0x30, inner), Buffer.alloc(0))],
    ['no signed attributes', () => forgeMessage({ signer, content: envelope, withoutSignedAttributes: true })],
    [
      'no transactionID',
      () =>
        forgeMessage({
          signer,
          content: envelope,
          attributes: ({ transactionID: _, ...others }) => Object.values(others),
        }),
    ],
    ['no certificate', () => forgeMessage({ signer, content: envelope, certificates: [] })],
  ])('%s: 400', async (_, bytes) => {
    const { status, contentType } = await scene.post(bytes());
    expect([status, contentType]).toEqual([400, 'text/plain']);
  });

  it('too large: 413', async () => {
    expect((await scene.post(Buffer.alloc(300_000))).status).toBe(413);
  });

  it('is counted by cause, not stored', async () => {
    const logged = (await scene.log()).length;
    await scene.post(Buffer.from('garbage'));
    expect((await scene.log()).length).toBe(logged);
  });

  it.each([
    ['GET', '/scep/nobody/pkiclient.exe?operation=GetCACert', 404],
    ['GET', '/scep/scep/pkiclient.exe?operation=Nothing', 400],
    ['GET', '/scep/scep/pkiclient.exe', 400],
    ['GET', '/scep/scep/pkiclient.exe?operation=PKIOperation', 400],
    ['GET', '/scep/scep/pkiclient.exe?operation=PKIOperation&message=%25%25', 400],
    ['GET', '/scep/scep/pkiclient.exe?operation=GetNextCACert', 403],
    ['PUT', '/scep/scep/pkiclient.exe?operation=GetCACaps', 405],
    ['DELETE', '/scep/scep', 405],
    ['HEAD', '/scep/scep/pkiclient.exe?operation=PKIOperation&message=MIIB', 405],
    ['HEAD', '/scep/scep/pkiclient.exe?operation=GetCACaps', 200],
    ['GET', '/scep/bad%20alias/pkiclient.exe', 404],
    ['GET', '/certsrv/mscep/mscep.dll?operation=GetCACaps', 404],
    ['GET', '/api/v1/aliases', 404],
    ['GET', '/api/openapi.json', 404],
    ['GET', '/', 404],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await fetch(`${scene.gateway.publicUrl}${path}`, { method })).status).toBe(status);
  });
});

it('clients that send slowly do not keep the others out', async () => {
  const { port } = new URL(scene.gateway.publicUrl);
  const sockets = Array.from({ length: 300 }, () => connect(Number(port), '127.0.0.1'));
  for (const socket of sockets) socket.write('POST /scep HTTP/1.1\r\nContent-Length: 1000\r\n\r\n0');
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  // Behind all of them in the queue of connections.
  const { status } = await scene.post(Buffer.from('garbage'));
  for (const socket of sockets) socket.destroy();
  expect(status).toBe(400);
});
