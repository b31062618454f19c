import { GATEWAYS_OWN } from '../profiles/location';
import type { AliasUnderExamination } from './alias-under-examination';

/** What somebody wants of a place: to enrol, or to fetch a CRL. */
export const PLACE_PURPOSES = ['scep', 'crl'] as const;

/** An URL that devices, or those who check certificates, have to reach. */
export interface Place {
  readonly purpose: (typeof PLACE_PURPOSES)[number];
  readonly url: string;
}

/**
 * All that has to be reached. The gateway fetches none of them: it would reach what devices cannot, and could be made to ask
 * where nobody should (a profile may name any URL). The command line does it, from the machine of whoever asks.
 */
export function placesOf({ name, publicUrl, authorities, certificateProfiles }: AliasUnderExamination): Place[] {
  const named = new Set(certificateProfiles.flatMap((profile) => profile.crlDistributionPoints));
  const own = named.delete(GATEWAYS_OWN) ? authorities.map(({ crlUrl }) => crlUrl) : [];
  return [
    { purpose: 'scep', url: `${publicUrl}/scep/${name}/pkiclient.exe?operation=GetCACaps` },
    ...[...own, ...named].map((url): Place => ({ purpose: 'crl', url })),
  ];
}
