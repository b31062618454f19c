import { Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import { AliasAvailability } from '../../aliases/alias-availability';
import { ServiceError } from '../../common/service-error';
import { AliasAuthorities } from './alias-authorities';
import { getCaCaps } from './ca-caps';
import { getCaCert, getCaCertChain } from './ca-certificates';
import { announcedGeneration, getNextCaCert } from './next-ca-certificates';
import type { ScepReply } from './scep-reply';

/** The operations without a pkiMessage: GetCACaps, GetCACert, GetCACertChain, GetNextCACert. */
@Injectable()
export class QueryOperations {
  constructor(
    private readonly authorities: AliasAuthorities,
    private readonly availability: AliasAvailability,
  ) {}

  /**
   * @param operation lower case, for clients spell it in any (row I-01); undefined when the request names none
   * @param caIdentifier the `message` of the request
   * @throws ServiceError `operation-not-supported`, `no-next-ca-certificate`, `not-found` for an unknown CA identifier
   *   where the alias is strict, `authority-unavailable`, `alias-unavailable`
   */
  async answer(alias: Alias, operation: string | undefined, caIdentifier: string | undefined): Promise<ScepReply> {
    await this.availability.check(alias);
    const named = () => this.authorities.named(alias, caIdentifier);
    const generation = async () => (await named()).authority.generations.current;
    switch (operation) {
      case 'getcacaps':
        return getCaCaps(alias, announcedGeneration(alias, (await named()).authority) !== undefined);
      case 'getcacert': {
        const { authority, chainPosition } = await named();
        return getCaCert(alias, authority.generations.current, chainPosition);
      }
      case 'getcacertchain':
        return getCaCertChain(alias, await generation());
      case 'getnextcacert':
        return getNextCaCert(alias, (await named()).authority);
      case undefined:
        throw new ServiceError('operation-not-supported', 'the request names no operation; try ?operation=GetCACaps');
      default:
        throw new ServiceError(
          'operation-not-supported',
          'unknown operation; GetCACaps, GetCACert, GetCACertChain, GetNextCACert and PKIOperation are known',
        );
    }
  }
}
