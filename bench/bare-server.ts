import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Endpoint } from './http-connection';

/** What a bare server is told. */
export interface BareServerOrder {
  /** Processes that serve. */
  readonly workers: number;
  readonly contentType: string;
  /** What it answers to everything, in base64. */
  readonly body: string;
}

/** A server of `node:http` that gives one answer to everything: what the gateway's queries are measured against. */
export class BareServer {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens. */
    readonly endpoint: Endpoint,
  ) {}

  /** Starts one and waits until all its processes listen. */
  static async start(order: BareServerOrder): Promise<BareServer> {
    const child = fork(join(__dirname, 'bare-server.process.js'), [JSON.stringify(order)]);
    const [port] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the bare server has ended'))),
    ])) as [number];
    return new BareServer(child, { host: '127.0.0.1', port });
  }

  /** Process id of its primary. */
  get pid(): number {
    return this.child.pid as number;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
