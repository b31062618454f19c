import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityTarget } from 'typeorm';
import { LOGGER, type Logger } from '../common/logger';
import { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { VersionedCache } from '../database/versioned-cache';
import type { CertificateProfile } from './certificate-profile';
import { CertificateProfileEntity } from './certificate-profile.entity';
import { checkedCertificateProfile } from './certificate-profile.input';
import type { EndEntityProfile } from './end-entity-profile';
import { END_ENTITY_PROFILE_LINKS, EndEntityProfileEntity } from './end-entity-profile.entity';
import { checkedEndEntityProfile } from './end-entity-profile.input';
import { linkedFields, type ProfileLink } from './profile-link';
import type { ProfileEntity } from './profile.entity';

/** All profiles that can be used, as they were at one version of the configuration. */
export class Profiles {
  private readonly certificateProfiles: ReadonlyMap<number, CertificateProfile>;
  private readonly endEntityProfiles: ReadonlyMap<number, EndEntityProfile>;

  constructor(certificateProfiles: readonly CertificateProfile[], endEntityProfiles: readonly EndEntityProfile[]) {
    this.certificateProfiles = new Map(certificateProfiles.map((profile) => [profile.id, profile]));
    this.endEntityProfiles = new Map(endEntityProfiles.map((profile) => [profile.id, profile]));
  }

  /** The certificate profile of that id; throws ServiceError `request-refused` if it cannot be used. */
  certificateProfileById(id: number): CertificateProfile {
    return usable(this.certificateProfiles.get(id), 'certificate-profile.usable');
  }

  /** The certificate profile of that name; undefined where there is none that can be used. */
  certificateProfileByName(name: string): CertificateProfile | undefined {
    return [...this.certificateProfiles.values()].find((profile) => profile.name === name);
  }

  /** The certificate profile of that id; undefined where there is none that this version can read. */
  certificateProfile(id: number): CertificateProfile | undefined {
    return this.certificateProfiles.get(id);
  }

  /** The end entity profile of that id; undefined where there is none that this version can read. */
  endEntityProfile(id: number): EndEntityProfile | undefined {
    return this.endEntityProfiles.get(id);
  }

  /** The end entity profile of that id; throws ServiceError `request-refused` if it cannot be used. */
  endEntityProfileById(id: number): EndEntityProfile {
    return usable(this.endEntityProfiles.get(id), 'end-entity-profile.usable');
  }
}

function usable<Profile>(profile: Profile | undefined, rule: string): Profile {
  if (profile !== undefined) return profile;
  throw new ServiceError('request-refused', 'the profile of this end entity cannot be used', {
    rule,
    explanation:
      "the end entity's profile was removed meanwhile, or this version cannot read it: see the gateway's log",
  });
}

/**
 * The profiles as the device path sees them. One that cannot be read (a newer gateway on the same database may have
 * stored a field that this one does not know) is logged and missing: to guess what it meant would be worse.
 */
@Injectable()
export class ProfileCatalogue extends VersionedCache<Profiles> {
  constructor(
    configurationVersion: ConfigurationVersion,
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super(configurationVersion);
  }

  protected async load(): Promise<Profiles> {
    const [certificateProfiles, endEntityProfiles] = await Promise.all([
      this.readable(CertificateProfileEntity, checkedCertificateProfile, []),
      this.readable(EndEntityProfileEntity, checkedEndEntityProfile, END_ENTITY_PROFILE_LINKS),
    ]);
    return new Profiles(certificateProfiles, endEntityProfiles);
  }

  private async readable<Settings extends object>(
    entity: EntityTarget<ProfileEntity>,
    checked: (given: unknown) => Settings,
    links: readonly ProfileLink[],
  ): Promise<(Settings & { readonly id: number; readonly name: string })[]> {
    const profiles: (Settings & { readonly id: number; readonly name: string })[] = [];
    const { manager } = this.dataSource;
    const rows = await manager.getRepository(entity).find();
    const linked = await linkedFields(
      manager,
      links,
      rows.map(({ id }) => id),
    );
    for (const { id, name, settings } of rows) {
      try {
        profiles.push(Object.freeze({ ...checked({ ...settings, ...linked.get(id) }), id, name }));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        this.logger.error({ profile: name, fields: error.fields }, 'a stored profile cannot be read and is not used');
      }
    }
    return profiles;
  }
}
