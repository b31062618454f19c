import { DerError } from '../der/der-error';
import { contextConstructed, oid, sequence, setOf, unsignedInteger } from '../der/der-writer';
import { Oid } from '../x509/oid';
import { contentInfo, readDerOrBer } from './content-info';
import { readSignedData } from './signed-data';

const VERSION_1 = unsignedInteger(1);
const EMPTY_SET = setOf([]);
const NO_CONTENT = sequence(oid(Oid.data));

/**
 * DER of a degenerate SignedData: certificates and CRLs, no content, no signer (RFC 8894 section 3.4). The certificates
 * stay in the given order although a SET OF would have to be sorted, for clients take the first one as theirs.
 *
 * @param certificates DER of each
 * @param crls DER of each
 */
export function certsOnly(certificates: readonly Buffer[], crls: readonly Buffer[] = []): Buffer {
  const parts = [VERSION_1, EMPTY_SET, NO_CONTENT];
  if (certificates.length > 0) parts.push(contextConstructed(0, ...certificates));
  if (crls.length > 0) parts.push(contextConstructed(1, ...crls));
  return contentInfo(Oid.signedData, sequence(...parts, EMPTY_SET));
}

/**
 * What a degenerate SignedData holds: DER of each certificate and CRL in the order in which they came. BER is taken too.
 *
 * @throws DerError when the bytes are no SignedData, or hold neither certificate nor CRL
 */
export function readCertsOnly(bytes: Buffer): { certificates: readonly Buffer[]; crls: readonly Buffer[] } {
  const { certificates, crls } = readDerOrBer(bytes, readSignedData);
  if (certificates.length === 0 && crls.length === 0) throw new DerError('certificates only: there is none');
  return { certificates, crls };
}
