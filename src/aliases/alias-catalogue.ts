import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { VersionedCache } from '../database/versioned-cache';
import type { Alias } from './alias';
import { AliasEntity } from './alias.entity';
import { templateKey, templateMappingText } from './alias-template';
import { templatesOf } from './alias-template.repository';
import { registrationFor, registrationsOf, withRegistration } from './alias-registration.repository';
import { signersIn } from './ra-settings';
import { withMasks } from './alias-secrets';
import { AliasSecretStore } from './alias-secret.store';
import { checkedAlias } from './alias.input';
import { authoritiesOf } from './alias.repository';

/** All aliases, the disabled ones too, as they were at one version of the configuration. */
export class Aliases {
  private readonly aliases: ReadonlyMap<string, Alias>;
  private readonly ids: ReadonlyMap<number, Alias>;
  private readonly ndes: Alias | undefined;

  constructor(aliases: readonly Alias[]) {
    this.aliases = new Map(aliases.map((alias) => [alias.name, alias]));
    this.ids = new Map(aliases.map((alias) => [alias.id, alias]));
    this.ndes = aliases.find((alias) => alias.answersNdesPath);
  }

  /** All of them, the oldest first. */
  get all(): readonly Alias[] {
    return [...this.ids.values()];
  }

  /** The alias of that name (case-sensitive), or undefined. */
  byName(name: string): Alias | undefined {
    return this.aliases.get(name);
  }

  /** The alias with this id, which stays its own when it is renamed, or undefined. */
  byId(id: number): Alias | undefined {
    return this.ids.get(id);
  }

  /** The alias that answers on NDES's path, or undefined. */
  answeringNdesPath(): Alias | undefined {
    return this.ndes;
  }
}

/**
 * The aliases as the device path sees them. One that cannot be read (a newer gateway on the same database may have stored
 * a field that this one does not know) is logged and missing: to guess what it meant could let in who is to stay out.
 */
@Injectable()
export class AliasCatalogue extends VersionedCache<Aliases> {
  constructor(
    configurationVersion: ConfigurationVersion,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly secretStore: AliasSecretStore,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super(configurationVersion);
  }

  protected async load(): Promise<Aliases> {
    const { manager } = this.dataSource;
    const rows = await manager.find(AliasEntity, { order: { id: 'ASC' } });
    const ids = rows.map(({ id }) => id);
    const [authorities, templates, registrations, secretsOf] = await Promise.all([
      authoritiesOf(manager, ids),
      templatesOf(manager, ids),
      registrationsOf(manager, ids),
      this.secretStore.sealed(manager, ids),
    ]);
    const aliases: Alias[] = [];
    for (const { id, name, enabled, settings } of rows) {
      const reachable = authorities.get(id) ?? [];
      const mappings = templates.get(id) ?? [];
      try {
        const secrets = this.secretStore.open(secretsOf.get(id) ?? []);
        const registration = registrations.get(id);
        const given = { ...settings, enabled, templates: mappings.map(templateMappingText) };
        const checked = checkedAlias(withMasks(withRegistration(given, registration), secrets.fields)).settings;
        aliases.push(
          Object.freeze({
            ...checked,
            registers: registrationFor(checked, registration),
            raSigners: Object.freeze(checked.operationalMode === 'RA' ? signersIn(checked.ra.signers) : []),
            id,
            name,
            secrets,
            authorities: Object.freeze(reachable.map((authority) => authority.name)),
            authorityIds: Object.freeze(reachable.map((authority) => authority.id)),
            templateProfiles: new Map(mappings.map((mapping) => [templateKey(mapping.template), mapping])),
          }),
        );
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const { code, fields } = error;
        this.logger.error({ alias: name, code, fields }, 'a stored alias cannot be read and is not served');
      }
    }
    return new Aliases(aliases);
  }
}
