import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/environment';
import { crlDistributionPoints, type Extension } from '../pki/x509/extension';
import { GATEWAYS_OWN } from '../profiles/location';
import type { Authority, Generation } from './authority';

/** Where the CRL of a certificate is to be found, as the certificate says it. */
@Injectable()
export class CrlDistributionPoints {
  /** By generation, and then by the locations of a profile: a generation that changes is another object. */
  private readonly encoded = new WeakMap<Generation, Map<string, Extension>>();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /**
   * The extension, encoded once for each generation and list of locations.
   *
   * @param locations of a certificate profile: URIs, and `gateway` for the place where this gateway serves it
   * @returns none where there are no locations
   */
  extensions(authority: Authority, generation: Generation, locations: readonly string[]): readonly Extension[] {
    if (locations.length === 0) return [];
    const known = this.encoded.get(generation) ?? new Map<string, Extension>();
    this.encoded.set(generation, known);
    const key = locations.join(' ');
    let extension = known.get(key);
    if (extension === undefined) {
      extension = crlDistributionPoints(
        locations.map((location) => (location === GATEWAYS_OWN ? this.url(authority, generation) : location)),
      );
      known.set(key, extension);
    }
    return [extension];
  }

  /** The gateway's own place: that of the generation, not of the current one, for a certificate outlives a rollover. */
  url({ name }: Authority, { number }: Generation): string {
    return `${this.config.publicUrl}/crl/${encodeURIComponent(name)}/${number}.crl`;
  }
}
