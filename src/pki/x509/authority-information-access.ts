import { oid as encodeOid, sequence } from '../der/der-writer';
import type { Extension } from './extension';
import { generalName } from './general-name';
import { Oid } from './oid';

/**
 * authorityInfoAccess (RFC 5280 section 4.2.2.1): where the issuer's certificate and where OCSP responders are, as URIs.
 * Throws `DerError` for what is no visible ASCII text.
 */
export function authorityInformationAccess(caIssuers: readonly string[], ocspResponders: readonly string[]): Extension {
  const access = (method: string, uris: readonly string[]): Buffer[] =>
    uris.map((value) => sequence(encodeOid(method), generalName({ type: 'uri', value })));
  const value = sequence(...access(Oid.ocsp, ocspResponders), ...access(Oid.caIssuers, caIssuers));
  return { oid: Oid.authorityInfoAccess, critical: false, value };
}
