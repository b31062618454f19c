import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLogger } from '../../src/common/logger';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres';
import { postmasterOf } from '../support/gateway-process';
import { runDirectory } from '../support/test-database';
import { processIsGone, until } from '../support/until';

// PostgreSQL writes to a disk that others may be using.
jest.setTimeout(120_000);

describe('EmbeddedPostgres', () => {
  let directory: string;
  /** Of all tests that do not say otherwise: making one takes longer than most of them. */
  let dataDir: string;
  let running: EmbeddedPostgres[];

  beforeAll(async () => {
    directory = mkdtempSync(join(runDirectory(), 'embedded-'));
    chmodSync(directory, 0o711);
    dataDir = join(directory, 'data');
    running = [];
    const postgres = await start();
    await ask(postgres, 'create table kept (note text)');
    await postgres.stop();
  });

  afterEach(async () => {
    for (const postgres of running.splice(0)) await postgres.stop();
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const start = async (where = dataDir): Promise<EmbeddedPostgres> => {
    const postgres = await EmbeddedPostgres.start({
      dataDir: where,
      maxConnections: 20,
      logger: createLogger('silent'),
      parameters: { shared_buffers: '16MB' },
    });
    running.push(postgres);
    return postgres;
  };

  const ask = async (postgres: EmbeddedPostgres, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  const setting = async (postgres: EmbeddedPostgres, name: string): Promise<unknown> =>
    (await ask(postgres, `select current_setting('${name}') as value`))[0]!.value;

  it('keeps what was committed, listens on a private socket only, and writes through', async () => {
    const first = await start();
    await ask(first, `insert into kept values ('written')`);
    expect(await setting(first, 'listen_addresses')).toBe('');
    expect(await setting(first, 'fsync')).toBe('on');
    expect(await setting(first, 'synchronous_commit')).toBe('on');
    expect(await setting(first, 'data_checksums')).toBe('on');
    expect(statSync(join(dataDir, 'postgres/run')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'postgres/data')).mode & 0o777).toBe(0o700);
    await first.stop();
    const second = await start();
    expect(await ask(second, 'select * from kept')).toEqual([{ note: 'written' }]);
  });

  it('lives where the path of a socket would be too long', async () => {
    const deep = join(directory, 'd'.repeat(60), 'e'.repeat(60));
    const postgres = await start(deep);
    const socketDirectory = new URL(postgres.url.replace('@/', '@x/')).searchParams.get('host')!;
    expect(socketDirectory).toMatch(/^\/tmp\/scep-gateway-socket-/);
    expect(statSync(socketDirectory).mode & 0o777).toBe(0o700);
    await postgres.stop();
    expect(existsSync(socketDirectory)).toBe(false);
  });

  it('lets one gateway at a time use a directory', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(`another gateway (process ${process.pid}) uses the data directory`);
    await first.stop();
    await start();
  });

  it('is not misled by a lock file whose process id some other program bears now', async () => {
    await (await start()).stop();
    const data = join(dataDir, 'postgres/data');
    // As a container leaves it: the next one gives the same number to something else.
    const someone = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], statOwner(data));
    try {
      writeFileSync(join(data, 'postmaster.pid'), `${someone.pid}\n${data}\n1700000000\n5432\n\n\n`);
      const postgres = await start();
      expect(postmasterOf(dataDir)).not.toBe(someone.pid);
      expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      someone.kill('SIGKILL');
    }
  });

  it('comes back by itself at the same address, with all that was committed, when it is killed', async () => {
    const postgres = await start();
    const killed = postmasterOf(dataDir);
    process.kill(killed, 'SIGKILL');
    await until(async () =>
      ask(postgres, 'select * from kept').then(
        () => postmasterOf(dataDir) !== killed,
        () => false,
      ),
    );
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('ends an orphan whose watchdog was killed as well, instead of starting a second one', async () => {
    const former = await start();
    const binary = readlinkSync(`/proc/${postmasterOf(dataDir)}/exe`);
    await former.stop();
    // As a gateway leaves it that was killed together with both halves of the watchdog.
    const data = realpathSync(join(dataDir, 'postgres/data'));
    const parameters = ['-D', data, '-k', join(data, '../run'), '-c', 'listen_addresses='];
    const orphan = spawn(binary, parameters, { ...statOwner(data), stdio: 'ignore' });
    await until(() => existsSync(join(data, '../run/.s.PGSQL.5432')));
    const ended = once(orphan, 'exit');
    const postgres = await start();
    expect(await ended).toEqual([0, null]);
    expect(postmasterOf(dataDir)).not.toBe(orphan.pid);
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  onLinux('is not kept from starting by a session that outlives its postmaster', async () => {
    const postgres = await start();
    const killed = postmasterOf(dataDir);
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    // Stands for one that waits for a lock whose holder was killed: neither notices that the postmaster is gone.
    const session = rows[0]!.pid;
    process.kill(session, 'SIGSTOP');
    process.kill(killed, 'SIGKILL');
    await until(async () =>
      ask(postgres, 'select * from kept').then(
        () => postmasterOf(dataDir) !== killed,
        () => false,
      ),
    );
    expect(processIsGone(session)).toBe(true);
    await client.end().catch(() => undefined);
  });

  onLinux('ends PostgreSQL even if nothing is left of its watchdog', async () => {
    const postgres = await start();
    const postmaster = postmasterOf(dataDir);
    const watchdog = parentOf(postmaster);
    const helper = childrenOf(watchdog).find((pid) => pid !== postmaster)!;
    for (const pid of [watchdog, helper]) process.kill(pid, 'SIGKILL');
    await until(() => processIsGone(watchdog) && processIsGone(helper));
    expect(processIsGone(postmaster)).toBe(false);
    await postgres.stop();
    // Its end is known by its last pipe, which the system closes a moment before the process is gone.
    await until(() => processIsGone(postmaster));
  });

  it('leaves no half a database behind when making one was interrupted', async () => {
    const fresh = join(directory, 'interrupted');
    mkdirSync(join(fresh, 'postgres/data.init-99999'), { recursive: true });
    if (process.getuid?.() === 0) giveTo(statSync(join(dataDir, 'postgres')), join(fresh, 'postgres'));
    await start(fresh);
    expect(existsSync(join(fresh, 'postgres/data.init-99999'))).toBe(false);
  });

  it('says what to do where its directory cannot be made', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    await expect(start(file)).rejects.toThrow(/^the data directory .*file cannot be made \(EEXIST\).*DATABASE_URL/);
    await expect(start(join(file, 'data'))).rejects.toThrow(/cannot be made \(ENOTDIR\)/);
  });

  it('refuses a directory of another major version', async () => {
    await (await start()).stop();
    writeFileSync(join(dataDir, 'postgres/data/PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/made by PostgreSQL 17, but .* brings PostgreSQL 18.*DATABASE_URL/s);
    // And lets go of the directory.
    writeFileSync(join(dataDir, 'postgres/data/PG_VERSION'), '18\n');
    await start();
  });

  it('does not tell PostgreSQL what the gateway knows', async () => {
    process.env.SECRET_OF_THE_GATEWAY = 'hunter2';
    await start();
    delete process.env.SECRET_OF_THE_GATEWAY;
    if (process.platform !== 'linux') return;
    expect(readFileSync(`/proc/${postmasterOf(dataDir)}/environ`, 'utf8')).not.toContain('hunter2');
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;

  asRoot('run as root, drops to an unprivileged user', async () => {
    await start();
    expect(statSync(`/proc/${postmasterOf(dataDir)}`).uid).not.toBe(0);
    expect(statSync(dataDir).mode & 0o777).toBe(0o711);
  });

  asRoot('moves to where that user can reach it, and is found there again', async () => {
    const closed = join(directory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const first = await start(join(closed, 'data'));
    const link = join(closed, 'data/postgres');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    const elsewhere = readlinkSync(link);
    try {
      expect(elsewhere).toMatch(/^\/var\/lib\/scep-gateway\/postgres-/);
      await ask(first, 'create table kept (note text)');
      await first.stop();
      const second = await start(join(closed, 'data'));
      expect(await ask(second, 'select * from kept')).toEqual([]);
      await second.stop();
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});

function giveTo({ uid, gid }: { uid: number; gid: number }, path: string): void {
  chmodSync(join(path, '..'), 0o711);
  chmodSync(path, 0o700);
  chownSync(path, uid, gid);
}

function statOwner(path: string): { uid?: number; gid?: number } {
  const { uid, gid } = statSync(path);
  return process.getuid?.() === 0 ? { uid, gid } : {};
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}
