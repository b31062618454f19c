import { UndecodableCounter } from '../../src/requests/undecodable-counter';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { itemsOf, RestClient } from '../support/rest-client';

let scene: EnrolmentScene;
let rest: RestClient;

beforeAll(async () => {
  scene = await enrolmentScene();
  rest = new RestClient(scene.gateway);
});

afterAll(() => scene.close());

describe('limits.requestsPerMinute', () => {
  it('is answered with 503 and Retry-After, for garbage as well as for requests, and is seen by the administrator', async () => {
    await scene.createAlias('slow', { limits: { requestsPerMinute: 2 } });
    await scene.register('slow-1', 'secret');
    const { bytes } = await scene.message('CN=slow-1', 'secret', {}, 'slow');
    const operation = (body: Buffer) =>
      fetch(`${scene.url('slow')}?operation=PKIOperation`, { method: 'POST', body: new Uint8Array(body) });
    expect((await operation(Buffer.from('garbage'))).status).toBe(400);
    expect((await operation(bytes)).status).toBe(200);
    const refused = await operation(bytes);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await refused.text()).toContain('too many requests from this address');
    const byGet = `${scene.url('slow')}?operation=PKIOperation&message=${encodeURIComponent(bytes.toString('base64'))}`;
    expect((await fetch(byGet)).status).toBe(503);
    // What costs nothing is answered, and other aliases do not know of it.
    expect((await fetch(`${scene.url('slow')}?operation=GetCACaps`)).status).toBe(200);
    expect((await scene.post(bytes)).status).toBe(200);
    scene.clock.advance({ seconds: 30 });
    expect((await operation(bytes)).status).toBe(200);
    await scene.gateway.application.get(UndecodableCounter, { strict: false }).flush();
    const counts = itemsOf(await rest.get('requests/undecodable?alias=slow'));
    expect(counts).toContainEqual(
      expect.objectContaining({ cause: 'more requests than limits.requestsPerMinute', occurrences: 2 }),
    );
  });
});
