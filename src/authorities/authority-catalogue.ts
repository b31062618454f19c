import { Inject, Injectable } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { In, Not, type DataSource } from 'typeorm';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { VersionedCache } from '../database/versioned-cache';
import { KeyStore } from '../keys/key-store';
import { DerError } from '../pki/der/der-error';
import { AuthorityGenerationEntity, type GenerationState } from './authority-generation.entity';
import { AuthorityEntity } from './authority.entity';
import type { Authority, FormerGeneration } from './authority';
import { authoritySettings } from './authority-settings';
import { crlSchedule } from './crl-schedule';
import { GenerationLoader } from './generation-loader';
import { RaCertificateEntity } from './ra-certificate.entity';

/** All authorities that can issue, as they were at one moment. */
export interface Authorities {
  readonly byId: ReadonlyMap<number, Authority>;
  readonly byName: ReadonlyMap<string, Authority>;
}

/**
 * The authorities with their keys opened, for the device path. One that waits for an external root is not among them;
 * neither is one whose key cannot be opened or whose certificate cannot be read: that is logged, and the others go on.
 */
@Injectable()
export class AuthorityCatalogue extends VersionedCache<Authorities> {
  private readonly loader: GenerationLoader;

  constructor(
    configurationVersion: ConfigurationVersion,
    @Inject(getDataSourceToken()) private readonly dataSource: DataSource,
    private readonly keyStore: KeyStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super(configurationVersion);
    this.loader = new GenerationLoader(keyStore);
  }

  /** The authority with exactly this name; undefined where there is none that can issue. */
  async byName(name: string): Promise<Authority | undefined> {
    return (await this.get()).byName.get(name);
  }

  protected async load(): Promise<Authorities> {
    const { manager } = this.dataSource;
    const rows = await manager.find(AuthorityEntity, { order: { id: 'ASC' } });
    const generations = await manager.find(AuthorityGenerationEntity, {
      where: { state: Not('pending') },
      order: { number: 'DESC' },
    });
    const raCertificates = await manager.find(RaCertificateEntity, {
      where: { generationId: In(generations.map(({ id }) => id)) },
      order: { id: 'DESC' },
    });
    this.keyStore.retain(new Set([...generations, ...raCertificates].map(({ keyId }) => keyId)));
    const byId = new Map<number, Authority>();
    for (const row of rows) {
      const own = generations.filter(({ authorityId }) => authorityId === row.id);
      const authority = await this.loadAuthority(row, own, raCertificates);
      if (authority !== undefined) byId.set(authority.id, authority);
    }
    return { byId, byName: new Map([...byId.values()].map((authority) => [authority.name, authority])) };
  }

  private async loadAuthority(
    row: AuthorityEntity,
    generations: readonly AuthorityGenerationEntity[],
    raCertificates: readonly RaCertificateEntity[],
  ): Promise<Authority | undefined> {
    const settings = authoritySettings(row.settings);
    const raOf = (generation: AuthorityGenerationEntity): RaCertificateEntity[] =>
      raCertificates.filter(({ generationId }) => generationId === generation.id);
    const inState = (state: GenerationState): AuthorityGenerationEntity | undefined =>
      generations.find((candidate) => candidate.state === state);
    const current = inState('current');
    if (current === undefined) return undefined;
    const [previous, next] = [inState('previous'), inState('next')];
    const others = generations.filter(({ state }) => state === 'retired' || state === 'withdrawn');
    const attempt = <T>(load: () => Promise<T>): Promise<T | undefined> => this.attempt(row.name, load);
    const loaded = await attempt(() => this.loader.load(current, raOf(current), settings));
    if (loaded === undefined) return undefined;
    const former: (FormerGeneration | undefined)[] = [];
    for (const one of others) former.push(await attempt(() => this.loader.former(one, settings)));
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      crls: crlSchedule(settings),
      unique: { publicKeys: settings.uniquePublicKeys, subjects: settings.uniqueSubjects },
      generations: {
        current: loaded,
        previous: previous && (await attempt(() => this.loader.previous(previous, raOf(previous), settings))),
        next: next && (await attempt(() => this.loader.next(next, raOf(next), settings))),
        former: former.filter((generation) => generation !== undefined),
      },
    };
  }

  /** A generation that cannot be used does not keep the others of its authority from their work. */
  private async attempt<T>(authority: string, load: () => Promise<T>): Promise<T | undefined> {
    try {
      return await load();
    } catch (error) {
      // Anything else, such as a lost connection, may be over in a moment: it must not be remembered with the value.
      if (!(error instanceof DerError || (error instanceof ServiceError && error.code === 'authority-unavailable')))
        throw error;
      this.logger.error({ err: error, authority }, 'a generation of the authority cannot be used');
      return undefined;
    }
  }
}
