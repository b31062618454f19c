import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemRandomSource } from '../common/random-source';
import { readKeyFile } from './key-encryption-key.file';

const random = new SystemRandomSource();

describe('key file', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'key-file-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('is read with all its keys', async () => {
    const path = join(directory, 'keys');
    await writeFile(path, `${'11'.repeat(32)}\n${'22'.repeat(32)}\n`);
    expect((await readKeyFile(path, random)).keyIds).toHaveLength(2);
  });

  it('says which file it cannot read', async () => {
    const path = join(directory, 'absent');
    await expect(readKeyFile(path, random)).rejects.toMatchObject({
      code: 'invalid-input',
      publicDetail: expect.stringContaining(path),
    });
  });

  it('does not read a file of any size', async () => {
    const path = join(directory, 'large');
    await writeFile(path, '#'.repeat(65 * 1024));
    await expect(readKeyFile(path, random)).rejects.toThrow('too large');
  });
});
