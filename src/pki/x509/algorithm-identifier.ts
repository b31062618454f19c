import { DerReader, type Tlv } from '../der/der-reader';
import { readOid } from '../der/der-values';
import { oid as encodeOid, sequence } from '../der/der-writer';
import { Tag } from '../der/tag';

/** AlgorithmIdentifier (RFC 5280 section 4.1.1.2). */
export interface AlgorithmIdentifier {
  /** Dotted object identifier. */
  readonly oid: string;
  /** The parameters as they came; absent and NULL are told apart. */
  readonly parameters?: Tlv | undefined;
}

/**
 * Reads an AlgorithmIdentifier: the given element, or the next one of a reader. Throws `DerError` when it is none.
 */
export function readAlgorithmIdentifier(source: Tlv | DerReader, what = 'AlgorithmIdentifier'): AlgorithmIdentifier {
  const element = source instanceof DerReader ? source.expect(Tag.SEQUENCE, what) : source;
  const reader = element.open(what);
  const oid = readOid(reader.next(what), what);
  const parameters = reader.atEnd ? undefined : reader.next(what);
  reader.finish(what);
  return { oid, parameters };
}

/** DER of an AlgorithmIdentifier; without `parameters` the field is absent. */
export function algorithmIdentifier(oid: string, parameters?: Buffer): Buffer {
  return parameters === undefined ? sequence(encodeOid(oid)) : sequence(encodeOid(oid), parameters);
}
