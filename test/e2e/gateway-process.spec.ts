import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { loopbackPorts } from '../../bench/loopback-ports';
import { GatewayProcess, postmasterOf } from '../support/gateway-process';
import { runDirectory } from '../support/test-database';
import { processIsGone, until } from '../support/until';

// Each test starts several processes, and PostgreSQL writes to a disk that others may be using.
jest.setTimeout(120_000);

describe('a gateway as a process, with a database of its own', () => {
  let dataDir: string;
  const started: GatewayProcess[] = [];

  const start = (environment: Record<string, string> = {}): GatewayProcess => {
    const gateway = new GatewayProcess({ DATA_DIR: dataDir, WORKERS: '2', LOG_LEVEL: 'debug', ...environment });
    started.push(gateway);
    return gateway;
  };

  // One for all tests: making a database takes longer than most of them. The first makes it.
  beforeAll(() => {
    dataDir = mkdtempSync(join(runDirectory(), 'process-'));
    // As `mkdir` would leave it: the unprivileged user of the database must be able to pass.
    chmodSync(dataDir, 0o711);
  });

  afterEach(async () => {
    for (const gateway of started.splice(0)) {
      gateway.kill('SIGKILL');
      await gateway.ended;
    }
    await until(() => processIsGone(postmasterOrNothing(dataDir)));
  });

  afterAll(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('starts, makes its secrets, refuses a second one, and stops cleanly on SIGTERM', async () => {
    const gateway = start();
    const { publicUrl, adminUrl } = await gateway.ready();
    expect((await fetch(`${publicUrl}/health/ready`)).status).toBe(200);
    expect((await fetch(`${adminUrl}/health/ready`)).status).toBe(200);
    for (const name of ['key-encryption-key', 'admin-token']) {
      expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(dataDir, name), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    }
    const second = await start().ended;
    expect(second.code).toBe(1);
    expect(second.errors).toContain(`another gateway (process ${gateway.pid}) uses the data directory`);
    const postmaster = postmasterOf(dataDir);
    gateway.kill('SIGTERM');
    expect(await gateway.ended).toMatchObject({ code: 0, signal: null });
    for (const pid of [postmaster, ...gateway.workers()]) expect(processIsGone(pid)).toBe(true);
  });

  it('leaves neither worker nor PostgreSQL behind when it is killed, and starts again', async () => {
    const gateway = start();
    const { publicUrl } = await gateway.ready();
    await until(() => gateway.workers().length === 2);
    const pids = [postmasterOf(dataDir), ...gateway.workers()];
    const token = readFileSync(join(dataDir, 'admin-token'), 'utf8');
    gateway.kill('SIGKILL');
    await until(() => pids.every(processIsGone));
    await expect(fetch(`${publicUrl}/health/live`)).rejects.toThrow();
    const { milliseconds } = await start().ready();
    expect(milliseconds).toBeGreaterThan(0);
    expect(readFileSync(join(dataDir, 'admin-token'), 'utf8')).toBe(token);
  });

  it('replaces a worker that dies', async () => {
    // Port 0 would be another one for the worker that replaces the first.
    const [port] = loopbackPorts(1);
    const gateway = start({ WORKERS: '1', PUBLIC_PORT: String(port) });
    const { publicUrl } = await gateway.ready();
    process.kill(gateway.workers()[0]!, 'SIGKILL');
    await gateway.logged(({ msg }) => msg === 'a worker has ended; starting another');
    await until(async () => (await statusOf(`${publicUrl}/health/ready`)) === 200);
    expect(gateway.workers()).toHaveLength(2);
  });

  it('starts its PostgreSQL again when that is killed, and serves on', async () => {
    const gateway = start({ WORKERS: '1' });
    const { publicUrl } = await gateway.ready();
    const first = postmasterOf(dataDir);
    process.kill(first, 'SIGKILL');
    await gateway.logged(({ msg }) => msg === 'PostgreSQL runs again');
    expect(postmasterOf(dataDir)).not.toBe(first);
    await until(async () => (await statusOf(`${publicUrl}/health/ready`)) === 200);
    expect(gateway.workers()).toHaveLength(1);
  });

  it('ends keep-alive connections at once when it stops', async () => {
    const gateway = start({ WORKERS: '1' });
    const { publicUrl } = await gateway.ready();
    const socket = createConnection(Number(new URL(publicUrl).port), '127.0.0.1');
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    gateway.kill('SIGTERM');
    await closed;
    expect((await gateway.ended).code).toBe(0);
  });

  it('names all mistakes of its configuration at once, and no value', async () => {
    const { code, errors } = await start({ ADMIN_TOKEN: 'hunter2', PUBLIC_PORT: 'hunter2', WORKERS: '0' }).ended;
    expect(code).toBe(2);
    for (const name of ['ADMIN_TOKEN', 'PUBLIC_PORT', 'WORKERS']) expect(errors).toContain(`- ${name} `);
    expect(errors).not.toContain('hunter2');
  });

  it('says that its port is taken', async () => {
    const gateway = start();
    const { publicUrl } = await gateway.ready();
    const other = mkdtempSync(join(runDirectory(), 'process-'));
    chmodSync(other, 0o711);
    const { code, errors } = await start({ DATA_DIR: other, PUBLIC_PORT: new URL(publicUrl).port }).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/cannot listen on port \d+ of 127\.0\.0\.1: another program uses it/);
    rmSync(other, { recursive: true, force: true });
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;

  asRoot('says what to do where its user has no name', async () => {
    const own = mkdtempSync(join(runDirectory(), 'process-'));
    chmodSync(own, 0o777);
    const ids = { uid: 54_321, gid: 54_321 };
    const gateway = new GatewayProcess({ DATA_DIR: join(own, 'data') }, ids);
    const { code, errors } = await gateway.ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/54321 has no entry in \/etc\/passwd.*DATABASE_URL/s);
    rmSync(own, { recursive: true, force: true });
  });

  it('does not start on a data directory of another PostgreSQL', async () => {
    writeFileSync(join(dataDir, 'postgres/data/PG_VERSION'), '17\n');
    const { code, errors } = await start().ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/made by PostgreSQL 17.*brings PostgreSQL 18/);
  });
});

async function statusOf(url: string): Promise<number> {
  return fetch(url).then(
    ({ status }) => status,
    () => 0,
  );
}

function postmasterOrNothing(dataDir: string): number {
  try {
    return postmasterOf(dataDir);
  } catch {
    return 2_147_483_647;
  }
}
