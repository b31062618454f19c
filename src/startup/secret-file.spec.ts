import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SequenceRandom } from '../../test/support/sequence-random';
import { ensureSecretFile } from './secret-file';

describe('ensureSecretFile', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'scep-gateway-secret-'));
    path = join(directory, 'admin-token');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it('makes 32 random bytes in hexadecimal, for the owner only', () => {
    expect(ensureSecretFile(path, new SequenceRandom())).toBe(true);
    expect(readFileSync(path, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['admin-token']);
  });

  it('leaves alone what is there', () => {
    writeFileSync(path, 'kept');
    expect(ensureSecretFile(path, new SequenceRandom())).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });

  it('takes no notice of one that was not finished', () => {
    writeFileSync(`${path}.${process.pid}`, 'hal');
    expect(ensureSecretFile(path, new SequenceRandom())).toBe(true);
    expect(readFileSync(path, 'utf8')).toHaveLength(65);
    expect(readdirSync(directory)).toEqual(['admin-token']);
  });
});
