import { createHash } from 'node:crypto';
import { forgeIdentity } from '../../../test/support/forged-message';
import { Certificate } from '../x509/certificate';
import { DIGEST_NAMES, type DigestName } from '../x509/digest-name';
import type { DecryptionKey } from './decryption-key';
import { type KeyTransport, PKCS1_KEY_TRANSPORT, wrapKey } from './key-transport';
import { unwrapKey } from './key-unwrap';
import { PrivateKey } from './private-key';

const CEK = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const MODULUS_BYTES = 256;

/** A key whose private operation yields what the test says, and which counts. */
class ScriptedKey implements DecryptionKey {
  readonly modulusBytes = MODULUS_BYTES;
  operations: Buffer[] = [];

  constructor(private readonly encoded: Buffer) {}

  raw(ciphertext: Buffer): Promise<Buffer> {
    this.operations.push(ciphertext);
    return Promise.resolve(this.encoded);
  }

  substitute(ciphertext: Buffer, length: number): Buffer {
    return createHash('sha256').update('substitute').update(ciphertext).digest().subarray(0, length);
  }
}

const WRAPPED = Buffer.alloc(MODULUS_BYTES, 1);
const SUBSTITUTE = new ScriptedKey(CEK).substitute(WRAPPED, CEK.length);

let certificate: Certificate;
beforeAll(async () => {
  certificate = (await forgeIdentity('CN=recipient')).certificate;
});

async function unwrapEncoded(encoded: Buffer, transport: KeyTransport = PKCS1_KEY_TRANSPORT): Promise<Buffer> {
  const key = new ScriptedKey(encoded);
  const unwrapped = await unwrapKey({ certificate, key }, transport, WRAPPED, CEK.length);
  expect(key.operations).toHaveLength(1);
  return unwrapped;
}

/** 00 02, `ff`s, 00, key. */
function pkcs1(): Buffer {
  const encoded = Buffer.alloc(MODULUS_BYTES, 0xff);
  encoded[0] = 0;
  encoded[1] = 2;
  encoded[MODULUS_BYTES - CEK.length - 1] = 0;
  CEK.copy(encoded, MODULUS_BYTES - CEK.length);
  return encoded;
}

function changed(encoded: Buffer, position: number, octet: number): Buffer {
  const copy = Buffer.from(encoded);
  copy[position] = octet;
  return copy;
}

describe('unwrapping PKCS #1 v1.5', () => {
  it('finds the key', async () => {
    expect(await unwrapEncoded(pkcs1())).toEqual(CEK);
  });

  it.each([
    ['first octet', 0, 1],
    ['block type 1', 1, 1],
    ['block type 0', 1, 0],
    ['a zero as first octet of the padding', 2, 0],
    ['a zero inside the padding', 100, 0],
    ['a zero as last octet of the padding: a longer key', MODULUS_BYTES - CEK.length - 2, 0],
    ['no separator', MODULUS_BYTES - CEK.length - 1, 7],
    ['the highest bit only', 0, 0x80],
  ])('goes on with the substitute: %s', async (_, position, octet) => {
    expect(await unwrapEncoded(changed(pkcs1(), position, octet))).toEqual(SUBSTITUTE);
  });

  it('goes on with the substitute for a key of another length than the cipher has', async () => {
    const shorter = changed(pkcs1(), MODULUS_BYTES - CEK.length - 1, 9);
    shorter[MODULUS_BYTES - 9] = 0;
    expect(await unwrapEncoded(shorter)).toEqual(SUBSTITUTE);
  });
});

/** EME-OAEP, written from RFC 8017 section 7.1.1. */
function oaep(digest: DigestName, mgfDigest: DigestName, change: (block: Buffer) => void = () => undefined): Buffer {
  const mask = (seed: Buffer, length: number): Buffer => {
    let out = Buffer.alloc(0);
    for (let i = 0; out.length < length; i++)
      out = Buffer.concat([
        out,
        createHash(mgfDigest)
          .update(seed)
          .update(Buffer.of(0, 0, 0, i))
          .digest(),
      ]);
    return out.subarray(0, length);
  };
  const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((octet, i) => octet ^ b[i]!));
  const labelHash = createHash(digest).digest();
  const block = Buffer.alloc(MODULUS_BYTES - 1 - labelHash.length);
  labelHash.copy(block);
  block[block.length - CEK.length - 1] = 1;
  CEK.copy(block, block.length - CEK.length);
  change(block);
  const seed = Buffer.alloc(labelHash.length, 0x77);
  const maskedBlock = xor(block, mask(seed, block.length));
  return Buffer.concat([Buffer.of(0), xor(seed, mask(maskedBlock, seed.length)), maskedBlock]);
}

describe('unwrapping OAEP', () => {
  const pairs = DIGEST_NAMES.flatMap((digest) => [
    [digest, digest],
    [digest, 'sha1'],
  ]) as [DigestName, DigestName][];

  it.each(pairs)('finds the key with %s and %s under MGF1', async (digest, mgfDigest) => {
    const encoded = oaep(digest, mgfDigest);
    expect(await unwrapEncoded(encoded, { scheme: 'oaep', digest, mgfDigest })).toEqual(CEK);
  });

  it('goes on with the substitute for each wrong part', async () => {
    const transport: KeyTransport = { scheme: 'oaep', digest: 'sha256', mgfDigest: 'sha256' };
    const wrong = [
      changed(oaep('sha256', 'sha256'), 0, 1),
      oaep('sha256', 'sha1'),
      oaep('sha256', 'sha256', (block) => block.fill(1, 0, 1)),
      oaep('sha256', 'sha256', (block) => block.fill(1, 40, 41)),
      oaep('sha256', 'sha256', (block) => block.fill(0, block.length - CEK.length - 1, block.length - CEK.length)),
      oaep('sha256', 'sha256', (block) => block.fill(2, block.length - CEK.length - 1, block.length - CEK.length)),
    ];
    for (const encoded of wrong) expect(await unwrapEncoded(encoded, transport)).toEqual(SUBSTITUTE);
  });
});

describe('unwrapping with a real key', () => {
  const key = PrivateKey.generateRsa(2048);
  let own: Certificate;
  beforeAll(async () => {
    // Only the key in it matters.
    const { certificate: other } = await forgeIdentity('CN=x');
    const der = Buffer.from(other.der);
    key.publicKey.spki.copy(der, der.indexOf(other.spki));
    own = Certificate.read(der);
  });

  const transports: KeyTransport[] = [
    PKCS1_KEY_TRANSPORT,
    ...DIGEST_NAMES.map((digest) => ({ scheme: 'oaep', digest, mgfDigest: digest }) as const),
  ];

  it.each(transports)('reverses wrapping: %j', async (transport) => {
    const wrapped = wrapKey(transport, key.publicKey, CEK);
    expect(await unwrapKey({ certificate: own, key }, transport, wrapped, CEK.length)).toEqual(CEK);
    const substituted = await unwrapKey({ certificate: own, key }, transport, changed(wrapped, 9, wrapped[9]! ^ 1), 16);
    expect(substituted).toHaveLength(16);
    expect(substituted).not.toEqual(CEK);
  });

  it('does one operation for what RSA cannot take: too short, too long, not below the modulus', async () => {
    for (const wrapped of [Buffer.alloc(0), Buffer.alloc(255, 1), Buffer.alloc(257), Buffer.alloc(256, 0xff)]) {
      const counting = new ScriptedKey(key.raw(Buffer.alloc(256)));
      const unwrapped = await unwrapKey({ certificate: own, key: counting }, PKCS1_KEY_TRANSPORT, wrapped, 24);
      expect(unwrapped).toEqual(counting.substitute(wrapped, 24));
      // What it is given instead, RSA can take.
      expect(counting.operations.map((ciphertext) => key.raw(ciphertext).length)).toEqual([256]);
    }
  });

  it('has the same substitute for the same message in every process, and another one for another message', () => {
    const again = PrivateKey.fromPkcs8(key.toPkcs8());
    expect(again.substitute(WRAPPED, 32)).toEqual(key.substitute(WRAPPED, 32));
    expect(key.substitute(changed(WRAPPED, 0, 2), 32)).not.toEqual(key.substitute(WRAPPED, 32));
    expect(PrivateKey.generateRsa(2048).substitute(WRAPPED, 32)).not.toEqual(key.substitute(WRAPPED, 32));
  });
});
