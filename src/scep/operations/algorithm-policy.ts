import type { Alias } from '../../aliases/alias';
import { ServiceError } from '../../common/service-error';
import type { PkiMessage } from '../message/pki-message.decoder';

const refused = (what: string, rule: string): ServiceError =>
  new ServiceError('algorithm-not-allowed', `${what} is not among the algorithms that this alias accepts`, { rule });

/** @throws ServiceError `algorithm-not-allowed` when the digest or the size of the signer's key is not accepted */
export function checkMessageAlgorithms(alias: Alias, message: PkiMessage): void {
  const { digests, minimumRsaBits } = alias.algorithms.accept;
  if (!digests.includes(message.digest)) throw refused(message.digest, 'algorithms.accept.digests');
  const { type, bits } = message.signer.publicKey;
  if (type === 'rsa' && bits < minimumRsaBits)
    throw refused(`an RSA key of ${bits} bits`, 'algorithms.accept.minimumRsaBits');
}
