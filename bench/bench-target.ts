import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CaCertificates } from '../src/client/ca-certificates';
import { ScepClient } from '../src/client/scep-client';
import { SystemClock } from '../src/common/clock';
import { SystemRandomSource } from '../src/common/random-source';
import { AdminApi } from './admin-api';
import { GatewayProcess } from './gateway-process';
import type { BenchOptions } from './options';

/** The gateway under load. */
export interface BenchTarget {
  readonly url: URL;
  readonly api: AdminApi;
  /** Process id of the primary, where it is known and of use. */
  readonly pid: number | undefined;
  /** Where the embedded database lies, if it is ours. */
  readonly dataDir: string | undefined;
}

/** Name of the authority and of the alias. */
export const BENCH_NAME = 'bench';

/** Path of the alias. */
export const SCEP_PATH = `/scep/${BENCH_NAME}/pkiclient.exe`;

/** Does `work` with the gateway that the options name, or with one that is started for it and ended afterwards. */
export async function withGateway<T>(
  options: BenchOptions,
  say: (text: string) => void,
  work: (target: BenchTarget) => Promise<T>,
): Promise<T> {
  const { gateway: given } = options;
  if (given !== undefined) {
    const api = new AdminApi(given.adminUrl, readFileSync(given.tokenFile, 'utf8').trim());
    return work({ url: given.url, api, pid: given.pid, dataDir: undefined });
  }
  say('starting a gateway');
  const gateway = await GatewayProcess.start({ workers: options.workers, nodeOptions: profiling(options.profile) });
  const stop = (): void => {
    void gateway.remove().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const api = new AdminApi(gateway.adminUrl, gateway.adminToken);
    return await work({ url: gateway.url, api, pid: gateway.pid, dataDir: gateway.dataDir });
  } finally {
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    await gateway.remove();
  }
}

/** Node's own profiler: each process writes its file when it ends. */
const profiling = (directory: string | undefined): string[] =>
  directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(directory)}`];

/**
 * An authority and an alias of their own, so that what stands in the defaults of a first start has no say.
 *
 * @param settings of the alias, beyond its defaults
 */
export async function prepareAlias(api: AdminApi, settings: object): Promise<void> {
  if (await api.has(`aliases/${BENCH_NAME}`)) return;
  await api.post('authorities', { name: BENCH_NAME, subject: `CN=${BENCH_NAME} CA`, keyAlgorithm: 'RSA-2048' });
  await api.post('aliases', { name: BENCH_NAME, authorities: [BENCH_NAME], ...settings });
}

/** GetCACert. */
export function getCaCert(url: URL): Promise<CaCertificates> {
  const clock = new SystemClock();
  const random = new SystemRandomSource();
  return new ScepClient({ url: new URL(SCEP_PATH, url).href, clock, random }).getCaCert();
}
