/** A path of the page: whose challenges it is to show. */
export interface NdesPath {
  /** As the path spells it; undefined: the alias that answers on NDES's path. */
  readonly alias: string | undefined;
  /** The path with which a directory's name is to be replaced that has no slash at its end, as IIS does. */
  readonly redirectTo: string | undefined;
}

// IIS ignores case. The second form is ours, for gateways on which several aliases have a page.
const PAGE = /^\/certsrv(?:\/([A-Za-z0-9_-]{1,32}))?\/mscep_admin(\/|\/mscep\.dll(?:\/.*)?)?$/i;

/**
 * Reads a path; undefined for one that is none of the page's.
 * @param path percent-decoded, without query; runs of slashes count as one
 */
export function readNdesPath(path: string): NdesPath | undefined {
  const match = PAGE.exec(path.replace(/\/{2,}/g, '/'));
  if (match === null) return undefined;
  const [, alias, rest] = match;
  // Put together anew: what was sent could begin with two slashes and so lead to another server.
  const redirectTo = rest === undefined ? `/certsrv/${alias === undefined ? '' : `${alias}/`}mscep_admin/` : undefined;
  return { alias, redirectTo };
}
