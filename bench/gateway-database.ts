import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

/** Where the embedded PostgreSQL of a gateway listens, and its own process id. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketDirectory: string;
}

/**
 * Reads the postmaster.pid of the PostgreSQL that runs in a gateway's data directory: its lines are the process id, the
 * data directory, the start time, the port and the socket directory (PostgreSQL documentation, "Database file layout").
 */
export function readPostmaster(dataDir: string): Postmaster {
  const name = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).find((path) =>
    /(^|\/)postmaster\.pid$/.test(path),
  );
  if (name === undefined) throw new Error(`no PostgreSQL runs in ${dataDir}`);
  const lines = readFileSync(join(dataDir, name), 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), socketDirectory: lines[4] ?? '' };
}

/** Connects to it as the gateway does. The caller ends the connection. */
export async function connectToDatabase(dataDir: string): Promise<Client> {
  const { port, socketDirectory } = readPostmaster(dataDir);
  const client = new Client({ host: socketDirectory, port, user: 'scep', database: 'postgres' });
  await client.connect();
  return client;
}

/** Transactions that were committed so far. Sessions tell theirs when they have been idle for ten seconds at the latest. */
export async function committedTransactions(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>(
    'select xact_commit as count from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.count);
}
