import { Injectable } from '@nestjs/common';
import { ServiceError } from '../common/service-error';
import { ProfileCatalogue } from '../profiles/profile-catalogue';
import type { Alias } from './alias';

/** Nobody switches a profile on again within seconds, and devices shall not ask all the time. */
const RETRY_AFTER_SECONDS = 300;

/** The part of an alias that tells by which certificate profiles it issues. */
interface IssuingAlias {
  readonly operationalMode: 'CA' | 'RA';
  /** Names: of those that are registered through it, and of its certificate templates. */
  readonly certificateProfiles: readonly string[];
}

/**
 * Why an alias issues nothing: in RA mode it does so by the profiles that it names itself, and is not available when all of
 * them are switched off. In CA mode each end entity has a profile of its own, and is refused where that is switched off.
 *
 * @param isOff tells of a certificate profile by name
 * @returns for the administrator; undefined where it issues
 */
export function unavailability(
  { operationalMode, certificateProfiles }: IssuingAlias,
  isOff: (certificateProfile: string) => boolean,
): string | undefined {
  if (operationalMode === 'CA' || !certificateProfiles.every(isOff)) return undefined;
  const names = [...new Set(certificateProfiles)].join(', ');
  return `no certificate profile by which it issues is switched on (${names}): set enabled of one to true`;
}

/** Refuses what comes to an alias that is not available. */
@Injectable()
export class AliasAvailability {
  constructor(private readonly profiles: ProfileCatalogue) {}

  /** @throws ServiceError `alias-unavailable` */
  async check({ name, registers, templateProfiles }: Alias): Promise<void> {
    if (registers === undefined) return;
    const profiles = await this.profiles.get();
    const ids = [registers, ...templateProfiles.values()].map(({ certificateProfileId }) => certificateProfileId);
    const nameOf = (id: number): string => profiles.certificateProfile(id)?.name ?? String(id);
    const off = new Set(ids.filter((id) => profiles.certificateProfile(id)?.enabled !== true).map(nameOf));
    const alias = { operationalMode: 'RA', certificateProfiles: ids.map(nameOf) } as const;
    const reason = unavailability(alias, (profile) => off.has(profile));
    if (reason === undefined) return;
    throw new ServiceError(
      'alias-unavailable',
      'no certificates are issued here at the moment: ask the administrator',
      {
        rule: 'certificate-profile.enabled',
        explanation: `alias ${name} is not available, for ${reason}`,
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      },
    );
  }
}
