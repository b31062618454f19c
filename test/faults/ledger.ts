import { connectToDatabase } from '../../bench/gateway-database';

/** What the database says of one end entity. */
export interface LedgerRow {
  readonly username: string;
  /** EJBCA's number: 10 is NEW, 40 GENERATED. */
  readonly status: number;
  /** Serial numbers of all its certificates, in hexadecimal digits without leading zero octets. */
  readonly serialNumbers: readonly string[];
  /** Number of its SCEP transactions. */
  readonly transactions: number;
  readonly failedAttempts: number;
  /** How often it got in a repetition what it had been given before. */
  readonly repetitions: number;
}

/** Reads all end entities from a gateway's own database, past the gateway. */
export async function readLedger(dataDir: string): Promise<ReadonlyMap<string, LedgerRow>> {
  const client = await connectToDatabase(dataDir);
  try {
    const { rows } = await client.query<LedgerRow>(`
      select e.username, e.status, e.failed_attempts as "failedAttempts",
        array(select encode(c.serial_number, 'hex') from certificates c where c.end_entity_id = e.id) as "serialNumbers",
        (select count(*)::int from scep_transactions t where t.end_entity_id = e.id) as transactions,
        (select count(*)::int from requests r where r.username = e.username and r.outcome = 'repeated') as repetitions
      from end_entities e`);
    return new Map(rows.map((row) => [row.username, row]));
  } finally {
    await client.end();
  }
}

/** Certificates that belong to no end entity or whose serial number was given twice. */
export async function countStrayCertificates(dataDir: string): Promise<number> {
  const client = await connectToDatabase(dataDir);
  try {
    const { rows } = await client.query<{ strays: number }>(`
      select (select count(*) from certificates where end_entity_id is null)::int
        + (select count(*) - count(distinct (authority_id, serial_number)) from certificates)::int as strays`);
    return rows[0]?.strays ?? 0;
  } finally {
    await client.end();
  }
}
