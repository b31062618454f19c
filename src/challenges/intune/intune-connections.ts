import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../../common/random-source';
import type { OutboundSettings } from '../../outbound/outbound-client';
import { OutboundClients } from '../../outbound/outbound-clients';
import { type IntuneConnection, intuneConnection } from './intune-connection';
import { INTUNE_SECRETS, type IntuneSettings, isLoopbackUrl } from './intune-settings';

/** An alias as far as its connection depends on it. */
export interface IntuneAlias {
  readonly id: number;
  readonly challenge: { readonly intune: IntuneSettings };
  readonly secrets: { get(path: string): string | undefined };
}

interface Kept {
  readonly settings: IntuneSettings;
  readonly applicationKey: string;
  readonly proxyPassword: string;
  readonly connection: IntuneConnection;
}

/** The connection of each alias, kept with its token for as long as nothing of its settings changes. */
@Injectable()
export class IntuneConnections {
  private readonly kept = new Map<number, Kept>();

  constructor(
    private readonly clients: OutboundClients,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /** The connection of an alias with these settings. */
  of({ id, challenge: { intune: settings }, secrets }: IntuneAlias): IntuneConnection {
    const applicationKey = secrets.get(INTUNE_SECRETS.applicationKey) ?? '';
    const proxyPassword = secrets.get(INTUNE_SECRETS.proxyPassword) ?? '';
    const kept = this.kept.get(id);
    if (
      kept?.applicationKey === applicationKey &&
      kept.proxyPassword === proxyPassword &&
      same(kept.settings, settings)
    )
      return kept.connection;
    const http = this.clients.of(outboundSettings(settings, proxyPassword));
    const ground = { http, clock: this.clock, random: this.random };
    const connection = intuneConnection(settings, applicationKey, ground);
    this.kept.set(id, { settings, applicationKey, proxyPassword, connection });
    return connection;
  }
}

/** Settings are read anew at each change of the configuration, whoever's it is. */
const same = (one: IntuneSettings, other: IntuneSettings): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** The machine itself is reached only by a Graph of its own, which says where the services are. */
function outboundSettings(
  { graphUrl, authority, proxyUrl, proxyUser }: IntuneSettings,
  password: string,
): OutboundSettings {
  const loopback = [graphUrl, authority, proxyUrl].some(isLoopbackUrl);
  return {
    loopback,
    allowHttp: loopback,
    ...(proxyUrl !== '' && {
      proxy: { url: proxyUrl, ...(proxyUser !== '' && { username: proxyUser, password }) },
    }),
  };
}
