import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Certificate } from '../pki/x509/certificate';
import { fingerprints } from './fingerprint';

describe('C-07: fingerprints', () => {
  it('are those that Node and devices show', () => {
    const oracle = new X509Certificate(readFileSync(join(__dirname, '../../test/vectors/pkcs12/ca.pem')));
    const shown = fingerprints(Certificate.read(oracle.raw));
    expect(shown.sha256).toBe(oracle.fingerprint256);
    expect(shown.sha1).toBe(oracle.fingerprint);
    expect(shown.md5).toMatch(/^([0-9A-F]{2}:){15}[0-9A-F]{2}$/);
  });
});
