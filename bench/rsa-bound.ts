import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What an enrolment cannot do without: open the envelope, sign the certificate, sign the answer. */
export const PRIVATE_OPERATIONS_PER_ENROLMENT = 3;

const MEASURED_MS = 2000;

/** What one thread is told, and what it answers with: private operations per second. */
export interface RsaRateOrder {
  readonly pkcs8: Buffer;
  readonly measuredMs: number;
}

/** RSA-2048 private operations per second that this machine makes with one thread per core, through node:crypto. */
export async function measureRsaRate(): Promise<number> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const order: RsaRateOrder = {
    pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    measuredMs: MEASURED_MS,
  };
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(join(__dirname, 'rsa-rate.worker.js'), { workerData: order }),
  );
  const measured = await Promise.all(
    workers.map(async (worker) => {
      const [rate] = (await once(worker, 'message')) as [number];
      return rate;
    }),
  );
  return measured.reduce((sum, rate) => sum + rate, 0);
}
