import { Client } from 'pg';
import type { Logger } from '../common/logger';

/** What a {@link ChangeListener} needs. */
export interface ChangeListenerSettings {
  readonly url: string;
  /** Channel of `NOTIFY`: an SQL identifier. */
  readonly channel: string;
  /** Statement whose first column of its only row is what a missed announcement would have said. */
  readonly heartbeat: string;
  /** Told of each announcement, and of each answer to the heartbeat. */
  readonly onChange: (payload: string) => void;
  readonly logger: Logger;
  /** Milliseconds between two heartbeats. */
  readonly heartbeatMs?: number;
  /** Milliseconds before a lost connection is tried again. */
  readonly reconnectMs?: number;
}

const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 250;
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Listens to announcements on a connection of its own, for as long as it takes. After each reconnection, and at each
 * heartbeat, it asks for what it may have missed: a firewall that forgets an idle connection tells nobody.
 */
export class ChangeListener {
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Who connects learns of a failure by itself; the events that tell of it too must not begin a second attempt. */
  private connecting = false;

  /** @param settings where and to what to listen */
  constructor(private readonly settings: ChangeListenerSettings) {}

  /** Connects. Resolves once announcements arrive; rejects if the first connection cannot be made. */
  async start(): Promise<void> {
    await this.connect();
  }

  /** Ends the connection and does not come back. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.settings.url,
      application_name: 'scep-gateway listener',
      connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', (error) => {
      this.lost(client, error);
    });
    client.on('end', () => {
      this.lost(client, new Error('the server closed the connection'));
    });
    client.on('notification', ({ payload }) => {
      if (payload !== undefined) this.settings.onChange(payload);
    });
    this.client = client;
    this.connecting = true;
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(this.settings.channel)}`);
      await this.beat(client);
    } catch (error) {
      this.client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    } finally {
      this.connecting = false;
    }
  }

  private async beat(client: Client): Promise<void> {
    const { rows } = await client.query<[string]>({ text: this.settings.heartbeat, rowMode: 'array' });
    const row = rows[0];
    if (row !== undefined) this.settings.onChange(row[0]);
    if (this.client !== client) return;
    this.timer = this.later(this.settings.heartbeatMs ?? HEARTBEAT_MS, () => {
      this.beat(client).catch((error: unknown) => {
        this.lost(client, error);
      });
    });
  }

  private lost(client: Client, error: unknown): void {
    if (this.client !== client || this.stopped || this.connecting) return;
    this.client = undefined;
    clearTimeout(this.timer);
    this.settings.logger.warn({ err: error }, 'lost the connection that listens to configuration changes');
    client.end().catch(() => undefined);
    this.reconnect();
  }

  private reconnect(): void {
    this.timer = this.later(this.settings.reconnectMs ?? RECONNECT_MS, () => {
      this.connect().then(
        () => {
          this.settings.logger.info('listening to configuration changes again');
        },
        (error: unknown) => {
          this.settings.logger.debug({ err: error }, 'cannot listen to configuration changes yet');
          if (!this.stopped) this.reconnect();
        },
      );
    });
  }

  // A timer that does not keep the process alive.
  private later(milliseconds: number, work: () => void): NodeJS.Timeout {
    return setTimeout(work, milliseconds).unref();
  }
}
