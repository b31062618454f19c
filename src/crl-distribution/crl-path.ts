/** Which CRL a path asks for. */
export interface CrlPath {
  /** Name of the authority, now or formerly. */
  readonly authority: string;
  /** Number of its generation; undefined: the current one. */
  readonly generation: number | undefined;
}

const OF_GENERATION = /^\/crl\/([^/]+)\/([1-9]\d{0,8})\.crl$/;
const OF_AUTHORITY = /^\/crl\/([^/]+)\.crl$/;

/** Whether a path can be none but that of a CRL. */
export const isInCrlSpace = (path: string): boolean => path.startsWith('/crl/');

/**
 * Reads `/crl/{authority}.crl` and `/crl/{authority}/{generation}.crl`.
 *
 * @param path percent-decoded, without the query
 * @returns undefined if it is of another form
 */
export function readCrlPath(path: string): CrlPath | undefined {
  const [, ofGeneration, number] = OF_GENERATION.exec(path) ?? [];
  if (ofGeneration !== undefined) return { authority: ofGeneration, generation: Number(number) };
  const [, authority] = OF_AUTHORITY.exec(path) ?? [];
  return authority === undefined ? undefined : { authority, generation: undefined };
}
