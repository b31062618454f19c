import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { CertificateListBuilder } from '../src/pki/x509/certificate-list';
import { DistinguishedName } from '../src/pki/x509/distinguished-name';
import { authorityKeyIdentifier, extension, keyIdentifier } from '../src/pki/x509/extension';
import { PublicKey } from '../src/pki/x509/public-key';
import type { SigningKey } from '../src/pki/x509/signing-key';

/** What building one CRL took. */
export interface CrlFigures {
  readonly entries: number;
  /** Size of the CRL. */
  readonly octets: number;
  /** Encoding all entries. */
  readonly encodeMs: number;
  /** Putting it together and signing it. */
  readonly signMs: number;
  /** Growth of the process's resident memory over the whole, at its largest after either step. */
  readonly memoryMiB: number;
}

const MIB = 1 << 20;
const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** Builds a CRL with so many entries as the gateway does, rows included that come one by one, but without a database. */
export async function measureCrl(entries: number): Promise<CrlFigures> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signer = signingKey(pair.privateKey, pair.publicKey.export({ format: 'der', type: 'spki' }));
  const before = process.memoryUsage.rss();
  const began = performance.now();
  const list = new CertificateListBuilder();
  for (let i = 0; i < entries; i++) {
    const serial = Buffer.alloc(20, 0x5a);
    serial.writeUInt32BE(i, 0);
    list.add(serial, START + i * 1000, i % 2 === 0 ? 1 : 4);
  }
  const encoded = performance.now();
  const afterEncoding = process.memoryUsage.rss();
  const der = await list.sign({
    issuer: DistinguishedName.parse('CN=Bench'),
    thisUpdate: new Date(START),
    nextUpdate: new Date(START + 24 * HOUR_MS),
    number: 1n,
    authorityKeyIdentifier: extension(authorityKeyIdentifier(keyIdentifier(signer.publicKey.spki))),
    signer,
    digest: 'sha256',
  });
  return {
    entries,
    octets: der.length,
    encodeMs: encoded - began,
    signMs: performance.now() - encoded,
    memoryMiB: (Math.max(afterEncoding, process.memoryUsage.rss()) - before) / MIB,
  };
}

/** The figures for people. */
export function crlTable({ entries, octets, encodeMs, signMs, memoryMiB }: CrlFigures): string {
  return [
    `entries          ${entries}`,
    `size             ${(octets / MIB).toFixed(1)} MiB`,
    `encoding         ${encodeMs.toFixed(0)} ms`,
    `signing          ${signMs.toFixed(0)} ms`,
    `memory, at most  ${memoryMiB.toFixed(0)} MiB`,
  ].join('\n');
}

function signingKey(key: KeyObject, spki: Buffer): SigningKey {
  return { publicKey: PublicKey.read(spki), sign: (digest, data) => sign(digest, data, key) };
}
