import type { Alias } from '../../aliases/alias';
import { ServiceError } from '../../common/service-error';
import type { PublicKey } from '../../pki/x509/public-key';
import type { PkiMessage } from '../message/pki-message.decoder';

const refused = (what: string, rule: string): ServiceError =>
  new ServiceError('algorithm-not-allowed', `${what} is not among the algorithms that this alias accepts`, { rule });

/** @throws ServiceError `algorithm-not-allowed` when the digest or the signer's key is not accepted */
export function checkMessageAlgorithms(alias: Alias, message: PkiMessage): void {
  if (!alias.algorithms.accept.digests.includes(message.digest))
    throw refused(message.digest, 'algorithms.accept.digests');
  checkKey(alias, message.signer.publicKey);
}

/** @throws ServiceError `algorithm-not-allowed` when a key that signs or is to be certified is not accepted */
export function checkKey(alias: Alias, { type, bits, curve }: PublicKey): void {
  const { minimumRsaBits, ecCurves } = alias.algorithms.accept;
  if (type === 'rsa' && bits < minimumRsaBits)
    throw refused(`an RSA key of ${bits} bits`, 'algorithms.accept.minimumRsaBits');
  if (curve !== undefined && !ecCurves.includes(curve))
    throw refused(`an EC key on ${curve}`, 'algorithms.accept.ecCurves');
}
