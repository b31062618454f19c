import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/environment';
import { authorityInformationAccess } from '../pki/x509/authority-information-access';
import type { Extension } from '../pki/x509/extension';
import type { CertificateProfileSettings } from '../profiles/certificate-profile';
import { GATEWAYS_OWN } from '../profiles/location';
import type { Authority, Generation } from './authority';

/** Where the issuer of a certificate is to be found, as the certificate says it. */
@Injectable()
export class AuthorityInformation {
  /** By generation, and then by what a profile says: a generation that changes is another object. */
  private readonly encoded = new WeakMap<Generation, Map<string, Extension>>();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The extension, encoded once for each generation and list of locations; none where the profile names no location. */
  extensions(
    authority: Authority,
    generation: Generation,
    { caIssuers, ocspResponders }: Pick<CertificateProfileSettings, 'caIssuers' | 'ocspResponders'>,
  ): readonly Extension[] {
    if (caIssuers.length + ocspResponders.length === 0) return [];
    const known = this.encoded.get(generation) ?? new Map<string, Extension>();
    this.encoded.set(generation, known);
    const key = `${caIssuers.join(' ')}\n${ocspResponders.join(' ')}`;
    let extension = known.get(key);
    if (extension === undefined) {
      extension = authorityInformationAccess(
        caIssuers.map((location) => (location === GATEWAYS_OWN ? this.url(authority, generation) : location)),
        ocspResponders,
      );
      known.set(key, extension);
    }
    return [extension];
  }

  /** That of the generation, not of the current one: the certificate outlives the rollover. */
  private url({ name }: Authority, { number }: Generation): string {
    return `${this.config.publicUrl}/ca/${encodeURIComponent(name)}/${number}.cer`;
  }
}
