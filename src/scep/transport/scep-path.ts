import { DEFAULT_ALIAS } from '../../aliases/alias-name';

/** Which alias a path names. */
export type ScepPath =
  /** `name` is the alias, as the path spells it. */
  | { readonly kind: 'alias'; readonly name: string }
  /** The path of Microsoft's NDES: of the alias it names or, as that path itself does not, of the one that says so. */
  | { readonly kind: 'ndes'; readonly name: string | undefined };

const NAME = '([A-Za-z0-9_-]{1,32})';
const PROGRAM = 'pkiclient\\.exe';

/** Paths in front of `[/{alias}]/pkiclient.exe`: ours, EJBCA's servlet, and EJBCA's external RA. */
const PREFIXES = ['/scep', '/ejbca/publicweb/apply/scep', '/scepraserver/scep'];

// What stands behind the alias is not significant (row A-03), so any suffix is accepted.
const ALIAS_PATHS = PREFIXES.map((prefix) => new RegExp(`^${prefix}/${NAME}(?:/.*)?$`, 'i'));

// `pkiclient.exe` has a dot, so it can be no alias's name.
const DEFAULT_PATHS = [
  ...PREFIXES.map((prefix) => new RegExp(`^${prefix}(?:/*|/+${PROGRAM}(?:/.*)?)$`, 'i')),
  new RegExp(`^/cgi-bin/+${PROGRAM}(?:/.*)?$`, 'i'),
  new RegExp(`^/${PROGRAM}(?:/.*)?$`, 'i'),
];

// IIS ignores case; ISE asks for the application's root, Windows appends pkiclient.exe to whatever it was given. With an
// alias in it the path is ours, the counterpart of the page at /certsrv/{alias}/mscep_admin/ (docs/ndes.md).
const NDES_PATH = new RegExp(`^/certsrv(?:/${NAME})?/mscep(?:/*|/mscep\\.dll(?:/.*)?|/${PROGRAM}(?:/.*)?)$`, 'i');

/**
 * The alias that a device's path names; undefined for a path that is none of SCEP's.
 * @param path percent-decoded, without query; runs of slashes count as one
 */
export function readScepPath(path: string): ScepPath | undefined {
  const single = path.replace(/\/{2,}/g, '/');
  for (const pattern of ALIAS_PATHS) {
    const name = pattern.exec(single)?.[1];
    if (name !== undefined) return { kind: 'alias', name };
  }
  if (DEFAULT_PATHS.some((pattern) => pattern.test(single))) return { kind: 'alias', name: DEFAULT_ALIAS };
  const ndes = NDES_PATH.exec(single);
  return ndes === null ? undefined : { kind: 'ndes', name: ndes[1] };
}

/** Whether a path lies in SCEP's space at all, so that a bad alias name is answered here (404 with a reason). */
export function isInScepSpace(path: string): boolean {
  const single = path.replace(/\/{2,}/g, '/').toLowerCase();
  return readScepPath(path) !== undefined || PREFIXES.some((prefix) => single.startsWith(`${prefix}/`));
}
