import { Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import { generationsOf, type Authority, type FormerGeneration } from '../../authorities/authority';
import { AuthorityCatalogue } from '../../authorities/authority-catalogue';
import { ServiceError } from '../../common/service-error';
import { DerError } from '../../pki/der/der-error';
import type { Certificate } from '../../pki/x509/certificate';
import { isIssuedBy } from '../../pki/x509/certificate-chain';
import { issuerFirst } from './ca-certificates';

/** What a CA identifier names. */
export interface NamedAuthority {
  readonly authority: Authority;
  /** Which certificate of its chain, 0 being its own; undefined where the identifier says nothing of that. */
  readonly chainPosition: number | undefined;
}

/** The authorities that an alias may reach. */
@Injectable()
export class AliasAuthorities {
  constructor(private readonly catalogue: AuthorityCatalogue) {}

  /**
   * All authorities of the alias that can answer, its default first.
   * @throws ServiceError `authority-unavailable` when there is none
   */
  async all(alias: Alias): Promise<readonly [Authority, ...Authority[]]> {
    const authorities = await this.catalogue.get();
    const [first, ...others] = alias.authorityIds
      .map((id) => authorities.byId.get(id))
      .filter((authority) => authority !== undefined);
    if (first === undefined)
      throw new ServiceError('authority-unavailable', `no authority of alias ${alias.name} can answer now`, {
        rule: 'alias.authorities',
      });
    return [first, ...others];
  }

  /**
   * The authority that a CA identifier names, whatever its case, since PIX lower-cases it. A number that is no name is a
   * place in the chain of the default authority, as in Dogtag: certmonger counts up from 0 until it gets nothing new (row
   * I-09). Clients send all sorts of identifiers that name nothing (row I-08), so an unknown one means the default unless
   * the alias is strict.
   * @throws ServiceError `not-found` for an unknown one under the strict policy
   */
  async named(alias: Alias, identifier: string | undefined): Promise<NamedAuthority> {
    const [standard, ...others] = await this.all(alias);
    if (identifier === undefined) return { authority: standard, chainPosition: undefined };
    const wanted = identifier.toLowerCase();
    const named = [standard, ...others].find((authority) => authority.name.toLowerCase() === wanted);
    if (named !== undefined) return { authority: named, chainPosition: undefined };
    const position = positionOf(identifier);
    if (position < issuerFirst(alias, standard.generations.current).length)
      return { authority: standard, chainPosition: position };
    if (alias.caIdentifierPolicy === 'strict')
      throw new ServiceError('not-found', 'this alias has no authority of that name', {
        rule: 'alias.caIdentifierPolicy',
      });
    return { authority: standard, chainPosition: undefined };
  }

  /**
   * The authority that issued a certificate, by name and signature, among those whose certificates the alias renews: its
   * own and those of `renewal.fromAuthorities`. Undefined where it is none of them.
   */
  async issuerOf(alias: Alias, certificate: Certificate): Promise<Authority | undefined> {
    const { byName } = await this.catalogue.get();
    const others = alias.renewal.fromAuthorities.map((name) => byName.get(name));
    const candidates = [...(await this.all(alias)), ...others].filter((authority) => authority !== undefined);
    return candidates.find((authority) =>
      generationsOf(authority).some((generation) => hasIssued(generation, certificate)),
    );
  }
}

/** Infinity for what is no number. */
const positionOf = (identifier: string): number => (/^\d{1,4}$/.test(identifier) ? Number(identifier) : Infinity);

/** Whether a generation issued a certificate, by name and signature. */
function hasIssued({ certificate: issuer }: FormerGeneration, certificate: Certificate): boolean {
  try {
    return isIssuedBy(certificate, issuer);
  } catch (error) {
    // A client's certificate can be odd in any part.
    if (error instanceof DerError) return false;
    throw error;
  }
}
