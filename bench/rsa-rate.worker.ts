import { createPrivateKey, sign } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { RsaRateOrder } from './rsa-bound';

const { pkcs8, measuredMs } = workerData as RsaRateOrder;
const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
const data = Buffer.alloc(32);

for (let warmup = 0; warmup < 50; warmup++) sign('sha256', data, key);
const began = performance.now();
let operations = 0;
let elapsed = 0;
while (elapsed < measuredMs) {
  sign('sha256', data, key);
  operations++;
  elapsed = performance.now() - began;
}
parentPort?.postMessage((operations * 1000) / elapsed);
