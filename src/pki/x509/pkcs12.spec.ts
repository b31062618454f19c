import { createHash, createHmac, createPrivateKey, createPublicKey, pbkdf2Sync, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DerError } from '../der/der-error';
import { readOnly } from '../der/der-reader';
import { NULL, octetString, oid, sequence, unsignedInteger } from '../der/der-writer';
import { Tag } from '../der/tag';
import { toIndefinite } from '../../../test/support/indefinite-length';
import { Oid } from './oid';
import { readPkcs12 } from './pkcs12';
import { Pkcs12Password } from './pkcs12-password';

const vector = (name: string): Buffer => readFileSync(join(__dirname, '../../../test/vectors/pkcs12', name));
const ca = new X509Certificate(vector('ca.pem'));

const spkiOf = (pkcs8: Buffer): Buffer =>
  createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({
    format: 'der',
    type: 'spki',
  });

describe('readPkcs12', () => {
  it.each([
    ['modern.p12', 'secret', 'OpenSSL 3: PBES2 with AES-256, MAC with SHA-256'],
    ['legacy.p12', 'secret', 'RC2 of 40 bits, triple DES, MAC with SHA-1'],
    ['rc2-128.p12', 'secret', 'RC2 of 128 bits, triple DES with two keys'],
    ['sha512-mac.p12', 'secret', 'PBES2 with AES-128 and triple DES, MAC with SHA-512'],
    ['unencrypted.p12', 'secret', 'a MAC and nothing encrypted'],
    ['no-mac.p12', 'secret', 'no MAC'],
    ['empty-password.p12', '', 'the empty password'],
    ['unicode-password.p12', 'p\u00e5ssword', 'a password beyond ASCII'],
  ])('reads %s', async (name, password) => {
    const { privateKey, certificates } = await readPkcs12(vector(name), password);
    expect(certificates.map(({ der }) => der)).toEqual([ca.raw]);
    expect(spkiOf(privateKey)).toEqual(certificates[0]!.spki);
  });

  it('puts the certificate of the key before its chain', async () => {
    const { privateKey, certificates } = await readPkcs12(vector('ec-with-chain.p12'), 'secret');
    expect(certificates.map(({ subject }) => subject.toString())).toEqual([
      'O=Vectors,CN=leaf',
      'C=SE,O=Vectors,CN=PKCS12 Test CA',
    ]);
    expect(spkiOf(privateKey)).toEqual(certificates[0]!.spki);
  });

  it('reads BER, as Windows and Bouncy Castle write it', async () => {
    const { certificates } = await readPkcs12(toIndefinite(vector('modern.p12')), 'secret');
    expect(certificates.map(({ der }) => der)).toEqual([ca.raw]);
  });

  it('takes an empty password that another encoder writes as nothing at all', async () => {
    // OpenSSL writes the two octets of the terminator, Windows none.
    const { privateKey } = await readPkcs12(withMacOfNoPassword(vector('unencrypted.p12')), '');
    expect(spkiOf(privateKey)).toEqual(ca.publicKey.export({ format: 'der', type: 'spki' }));
  });

  it.each(['modern.p12', 'legacy.p12', 'no-mac.p12', 'unencrypted.p12', 'empty-password.p12'])(
    'refuses a wrong password for %s',
    async (name) => {
      await expect(readPkcs12(vector(name), 'wrong')).rejects.toThrow(/^PKCS #12: wrong password or damaged file$/);
    },
  );

  it.each([
    ['rc4.p12', /not supported; write the file anew: openssl pkcs12/],
    ['no-key.p12', /holds no private key/],
    ['no-certificate.p12', /holds no certificate of its private key/],
    ['two-keys.p12', /holds several private keys/],
  ])('says what is the matter with %s', async (name, message) => {
    const failure = readPkcs12(vector(name), 'secret');
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toBeInstanceOf(DerError);
  });

  it('takes the key of the CA where there are several, as in the export of an EJBCA authority', async () => {
    const { certificates } = await readPkcs12(vector('ca-and-leaf-keys.p12'), 'secret');
    expect(certificates[0]!.der).toEqual(ca.raw);
  });

  it('verifies a MAC by PBMAC1 (RFC 9579)', async () => {
    const file = withPbmac1(vector('unencrypted.p12'), 'secret');
    await expect(readPkcs12(file, 'secret')).resolves.toMatchObject({ certificates: [{ der: ca.raw }] });
    await expect(readPkcs12(file, 'Secret')).rejects.toThrow('wrong password');
  });

  it('refuses to count for ever', async () => {
    await expect(readPkcs12(withPbmac1(vector('unencrypted.p12'), 'secret', 0x7fffffff), 'secret')).rejects.toThrow(
      'too many iterations',
    );
  });

  it('lets others have their turn while it counts', async () => {
    const salted = sequence(octetString(Buffer.alloc(8)), unsignedInteger(100_000));
    const parameters = readOnly(salted, Tag.SEQUENCE, 'parameters');
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    const decrypted = new Pkcs12Password('secret').decrypt(
      { oid: '1.2.840.113549.1.12.1.3', parameters },
      Buffer.alloc(15),
    );
    await expect(decrypted).rejects.toThrow('wrong password');
    clearInterval(others);
    expect(turns).toBeGreaterThan(10);
  });

  it('yields a DerError or the content for every truncation', async () => {
    const whole = vector('unencrypted.p12');
    for (let length = 0; length < whole.length; length += 7)
      await expect(readPkcs12(whole.subarray(0, length), 'secret')).rejects.toBeInstanceOf(DerError);
  });
});

/** The file with its MAC replaced by PBMAC1 with PBKDF2 and HMAC-SHA-256. */
function withPbmac1(file: Buffer, password: string, iterations = 1000): Buffer {
  const salt = Buffer.from('0011223344556677', 'hex');
  const hmacWithSha256 = sequence(oid('1.2.840.113549.2.9'), NULL);
  const kdf = sequence(
    oid('1.2.840.113549.1.5.12'),
    sequence(octetString(salt), unsignedInteger(iterations), unsignedInteger(32), hmacWithSha256),
  );
  const key = pbkdf2Sync(password, salt, Math.min(iterations, 1000), 32, 'sha256');
  return withMac(file, (content) => {
    const mac = createHmac('sha256', key).update(content).digest();
    const algorithm = sequence(oid('1.2.840.113549.1.5.14'), sequence(kdf, hmacWithSha256));
    return [sequence(algorithm, octetString(mac)), octetString(Buffer.from('NOT USED'))];
  });
}

/** The file with its MAC by SHA-1 and one iteration, where the derivation from no password is one digest. */
function withMacOfNoPassword(file: Buffer): Buffer {
  const salt = Buffer.from('0011223344556677', 'hex');
  const key = createHash('sha1').update(Buffer.alloc(64, 3)).update(Buffer.alloc(64, salt)).digest();
  return withMac(file, (content) => {
    const mac = createHmac('sha1', key).update(content).digest();
    return [sequence(sequence(oid(Oid.sha1), NULL), octetString(mac)), octetString(salt)];
  });
}

function withMac(file: Buffer, macData: (content: Buffer) => Buffer[]): Buffer {
  const [version, contentInfo] = readOnly(file, Tag.SEQUENCE, 'PFX').open('PFX').rest(3, 'PFX');
  const content = contentInfo!.open('').rest(2, '')[1]!.open('').next('').content;
  return sequence(version!.raw, contentInfo!.raw, sequence(...macData(content)));
}
