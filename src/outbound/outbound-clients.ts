import { Injectable } from '@nestjs/common';
import { OutboundClient, type OutboundSettings } from './outbound-client';

/** More ways of reaching services at a time than any gateway has; beyond, the one that was longest unused is made anew. */
const MOST_CLIENTS = 200;

/**
 * One {@link OutboundClient} for all who reach services in the same way, so that they share its connections, and nobody
 * gets a connection that was made under another policy, trust or proxy.
 */
@Injectable()
export class OutboundClients {
  private readonly clients = new Map<string, OutboundClient>();

  /** The client of these settings. */
  of(settings: OutboundSettings): OutboundClient {
    const { allowHttp, loopback, caCertificates, proxy } = settings;
    const key = JSON.stringify([allowHttp, loopback, caCertificates, proxy?.url, proxy?.username, proxy?.password]);
    const client = this.clients.get(key) ?? new OutboundClient(settings);
    // The order of a map is that of insertion: what is used moves to its end.
    this.clients.delete(key);
    this.clients.set(key, client);
    if (this.clients.size > MOST_CLIENTS) this.clients.delete(this.clients.keys().next().value as string);
    return client;
  }
}
