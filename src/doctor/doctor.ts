import { Inject, Injectable } from '@nestjs/common';
import type { Alias } from '../aliases/alias';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { AliasRegistry } from '../aliases/alias.registry';
import type { Authority } from '../authorities/authority';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import { CrlCatalogue } from '../authorities/crl-catalogue';
import { CrlDistributionPoints } from '../authorities/crl-distribution-points';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { CONFIG, type Config } from '../config/environment';
import { ConfigurationVersion } from '../database/configuration-version';
import { getDeviceProfile } from '../device-profiles/device-profile-catalogue';
import { ProfileCatalogue } from '../profiles/profile-catalogue';
import { capabilities } from '../scep/operations/ca-caps';
import { caCertificates } from '../scep/operations/ca-certificates';
import { announcedGeneration } from '../scep/operations/next-ca-certificates';
import type { AliasUnderExamination, ExaminedAuthority, ExaminedCertificateProfile } from './alias-under-examination';
import { EnrolmentReadinessReader } from './enrolment-readiness.reader';
import { examine } from './examination';
import { examinedCertificate } from './examined-certificate';
import type { Finding } from './finding';
import { placesOf, type Place } from './places';

/** What is to be said of an alias. */
export interface Diagnosis {
  readonly alias: string;
  readonly deviceProfile: string;
  readonly examinedAt: Date;
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** What has to be reached, for whoever can try. */
  readonly places: readonly Place[];
}

/** Says what would go wrong with an alias. It changes nothing and asks nobody but the database. */
@Injectable()
export class Doctor {
  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly registry: AliasRegistry,
    private readonly authorities: AuthorityCatalogue,
    private readonly profiles: ProfileCatalogue,
    private readonly crls: CrlCatalogue,
    private readonly crlPlaces: CrlDistributionPoints,
    private readonly readiness: EnrolmentReadinessReader,
    private readonly configurationVersion: ConfigurationVersion,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Examines an alias as devices meet it now. Throws ServiceError `not-found`. */
  async diagnose(name: string): Promise<Diagnosis> {
    // Whoever has just mended something through another gateway must not be told of it again.
    await this.configurationVersion.refresh();
    const alias = (await this.aliases.get()).byName(name);
    if (alias === undefined) return this.unreadable(name);
    const examined = await this.examined(alias);
    return {
      alias: name,
      deviceProfile: alias.deviceProfile,
      examinedAt: examined.now,
      findings: examine(examined),
      places: placesOf(examined),
    };
  }

  /** The alias does not exist, or this version cannot read it and says so. */
  private async unreadable(name: string): Promise<never> {
    await this.registry.get(name);
    throw new ServiceError('conflict', 'the alias was changed meanwhile: try again');
  }

  private async examined(alias: Alias): Promise<AliasUnderExamination> {
    const { byId } = await this.authorities.get();
    const present = alias.authorityIds.map((id) => byId.get(id)).filter((authority) => authority !== undefined);
    const [standard] = present;
    const { certificateProfileIds, hasEnrollingEndEntity } = await this.readiness.read(alias.authorityIds);
    const keys = present.flatMap(({ generations }) =>
      generations.current.scepDecrypters.map(({ certificate }) => certificate.spki.toString('base64')),
    );
    const registered = alias.registers === undefined ? [] : [alias.registers.certificateProfileId];
    const byTemplate = [...alias.templateProfiles.values()].map((template) => template.certificateProfileId);
    return {
      now: this.clock.now(),
      name: alias.name,
      settings: alias,
      deviceProfile: getDeviceProfile(alias.deviceProfile),
      authorities: await Promise.all(present.map((authority) => this.authority(alias, authority, keys))),
      unavailableAuthorities: alias.authorities.filter((_, index) => !byId.has(alias.authorityIds[index] ?? 0)),
      certificateProfiles: await this.certificateProfiles([...registered, ...certificateProfileIds, ...byTemplate]),
      capabilities: capabilities(alias, standard !== undefined && announcedGeneration(alias, standard) !== undefined),
      hasEnrollingEndEntity,
      publicUrl: this.config.publicUrl,
      publicUrlIsSet: this.config.publicUrlIsSet,
    };
  }

  /** @param keys SubjectPublicKeyInfos of all that open messages of the alias, base64 */
  private async authority(alias: Alias, authority: Authority, keys: readonly string[]): Promise<ExaminedAuthority> {
    const { current, next, previous } = authority.generations;
    const crl = (await this.crls.get()).byGenerationId(current.id);
    return {
      name: authority.name,
      certificate: examinedCertificate(current.certificate),
      chain: current.chain.map(examinedCertificate),
      raCertificates: current.raCertificates.map(examinedCertificate),
      shown: caCertificates(alias, current).map((certificate) => ({
        ...examinedCertificate(certificate),
        opens: keys.includes(certificate.spki.toString('base64')),
      })),
      signing: examinedCertificate(current.scepSigner.certificate),
      encrypting: examinedCertificate(current.scepDecrypters[0].certificate),
      next: next && { startsAt: next.startsAt },
      previous: previous && { opensUntil: previous.opensUntil },
      crl: crl && { nextUpdate: crl.nextUpdate },
      crlUrl: this.crlPlaces.url(authority, current),
    };
  }

  private async certificateProfiles(ids: readonly number[]): Promise<ExaminedCertificateProfile[]> {
    const profiles = await this.profiles.get();
    return [...new Set(ids)].flatMap((id) => {
      try {
        return profiles.certificateProfileById(id);
      } catch (error) {
        // One that this version cannot read: the gateway's log says so.
        if (error instanceof ServiceError) return [];
        throw error;
      }
    });
  }
}
