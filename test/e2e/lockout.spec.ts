import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';

let scene: EnrolmentScene;

beforeAll(async () => {
  scene = await enrolmentScene({ environment: { TRUSTED_PROXIES: 'loopback' } });
});

afterAll(() => scene.close());

/** What a client at this address gets for this code. */
async function guess(address: string, code: string): Promise<string> {
  const { bytes } = await scene.message('CN=device-1', code);
  const response = await fetch(`${scene.url()}?operation=PKIOperation`, {
    method: 'POST',
    body: new Uint8Array(bytes),
    headers: { 'X-Forwarded-For': address },
  });
  return decodeCertRep(Buffer.from(await response.arrayBuffer())).outcome.pkiStatus;
}

it('a host is locked out with all the addresses of its IPv6 network, and nobody else is', async () => {
  await scene.register('device-1', 'right');
  for (let i = 0; i < ALIAS_DEFAULTS.limits.failedAttempts; i++) await guess(`2001:db8::${i}`, 'wrong');
  expect(await guess('2001:db8::99', 'right')).toBe('FAILURE');
  expect(await guess('2001:db8:0:1::1', 'right')).toBe('SUCCESS');
});
