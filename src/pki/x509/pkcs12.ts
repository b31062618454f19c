import { createPrivateKey, createPublicKey } from 'node:crypto';

import { normaliseBer } from '../der/ber';
import { DerError } from '../der/der-error';
import { DerReader, readOnly, type Tlv } from '../der/der-reader';
import { readOid } from '../der/der-values';
import { contextConstructedTag, contextPrimitiveTag, Tag } from '../der/tag';
import { readAlgorithmIdentifier } from './algorithm-identifier';
import { Certificate } from './certificate';
import { Oid } from './oid';
import { Pkcs12Password, REWRITE_ADVICE, wrongPassword } from './pkcs12-password';
import { PublicKey } from './public-key';

/** What a PKCS #12 file holds. */
export interface Pkcs12Content {
  /** DER of the PrivateKeyInfo (PKCS #8). A secret. */
  readonly privateKey: Buffer;
  /** The certificate of that key first, then all others as they came. */
  readonly certificates: readonly Certificate[];
}

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_BAGS = 200;
const MAX_NESTED_CONTENTS = 8;

const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const SAFE_CONTENTS_BAG = '1.2.840.113549.1.12.10.1.6';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

const WHAT = 'PKCS #12';

/**
 * Opens a PKCS #12 file (RFC 7292) with one private key, or with one that has a CA's certificate, as EJBCA exports an
 * authority. Reads what OpenSSL, Java, Bouncy Castle and Windows write today (PBES2 with AES, MAC with SHA-2) and wrote
 * before (RC2 and triple DES). Throws `DerError`: `wrong password or damaged file` where the password does not fit, else
 * what to do about a file that cannot be read.
 */
export async function readPkcs12(bytes: Buffer, password: string): Promise<Pkcs12Content> {
  if (bytes.length > MAX_BYTES) throw new DerError(`${WHAT}: file is too large`);
  const file = new Pkcs12File(new Pkcs12Password(password));
  await file.read(bytes);
  return file.content();
}

class Pkcs12File {
  private readonly keys: Buffer[] = [];
  private readonly certificates: Certificate[] = [];
  private bags = 0;

  constructor(private readonly password: Pkcs12Password) {}

  async read(bytes: Buffer): Promise<void> {
    const pfx = readOnly(normaliseBer(bytes), Tag.SEQUENCE, WHAT).open(WHAT);
    pfx.expect(Tag.INTEGER, `${WHAT} version`);
    const { type, content } = readContentInfo(pfx.next(WHAT));
    if (type !== Oid.data)
      throw new DerError(`${WHAT}: the file is protected by a key instead of a password; ${REWRITE_ADVICE}`);
    const safe = content.expect(Tag.OCTET_STRING, WHAT).content;
    const mac = pfx.optional(Tag.SEQUENCE, `${WHAT} MAC`);
    if (mac !== undefined && !(await this.password.checksMac(mac.open(`${WHAT} MAC`), safe))) throw wrongPassword();
    const contents = readOnly(normaliseBer(safe), Tag.SEQUENCE, WHAT).open(WHAT);
    for (const element of contents.rest(MAX_BAGS, WHAT)) await this.readSafe(element);
  }

  private async readSafe(element: Tlv): Promise<void> {
    const { type, content } = readContentInfo(element);
    if (type === Oid.data) {
      await this.readSafeContents(content.expect(Tag.OCTET_STRING, WHAT).content, 0);
      return;
    }
    if (type !== Oid.encryptedData)
      throw new DerError(`${WHAT}: a part is protected by a key instead of a password; ${REWRITE_ADVICE}`);
    const encrypted = content.enter(Tag.SEQUENCE, WHAT);
    encrypted.expect(Tag.INTEGER, WHAT);
    const info = encrypted.enter(Tag.SEQUENCE, WHAT);
    readOid(info.next(WHAT), WHAT);
    const algorithm = readAlgorithmIdentifier(info, `${WHAT} encryption`);
    const plaintext = await this.password.decrypt(algorithm, readEncryptedContent(info.next(WHAT)));
    await this.readSafeContents(plaintext, 0);
  }

  private async readSafeContents(bytes: Buffer, nesting: number): Promise<void> {
    if (nesting > MAX_NESTED_CONTENTS) throw new DerError(`${WHAT}: nested too deeply`);
    const bags = readOnly(normaliseDecrypted(bytes), Tag.SEQUENCE, WHAT).open(WHAT).rest(MAX_BAGS, WHAT);
    for (const bag of bags) {
      if (++this.bags > MAX_BAGS) throw new DerError(`${WHAT}: more than ${MAX_BAGS} bags`);
      const reader = bag.open(WHAT);
      const type = readOid(reader.next(WHAT), WHAT);
      await this.readBag(type, reader.enter(contextConstructedTag(0), WHAT), nesting);
    }
  }

  private async readBag(type: string, value: DerReader, nesting: number): Promise<void> {
    if (type === KEY_BAG) this.keys.push(value.next(WHAT).raw);
    else if (type === SHROUDED_KEY_BAG) this.keys.push(await this.readShroudedKey(value));
    else if (type === CERTIFICATE_BAG) this.readCertificateBag(value);
    else if (type === SAFE_CONTENTS_BAG) await this.readSafeContents(value.next(WHAT).raw, nesting + 1);
    // CRLs and other secrets are of no use here.
  }

  private async readShroudedKey(value: DerReader): Promise<Buffer> {
    const reader = value.enter(Tag.SEQUENCE, `${WHAT} key`);
    const algorithm = readAlgorithmIdentifier(reader, `${WHAT} encryption`);
    return this.password.decrypt(algorithm, reader.expect(Tag.OCTET_STRING, `${WHAT} key`).content);
  }

  private readCertificateBag(value: DerReader): void {
    const reader = value.enter(Tag.SEQUENCE, `${WHAT} certificate`);
    if (readOid(reader.next(WHAT), WHAT) !== X509_CERTIFICATE) return;
    const wrapped = reader.enter(contextConstructedTag(0), `${WHAT} certificate`);
    this.certificates.push(Certificate.read(wrapped.expect(Tag.OCTET_STRING, `${WHAT} certificate`).content));
  }

  /** Finds the key that is meant, and its certificate. */
  content(): Pkcs12Content {
    if (this.keys.length === 0) throw new DerError(`${WHAT}: the file holds no private key`);
    const pairs = this.keys.flatMap((privateKey) => {
      const publicKey = publicKeyOf(privateKey);
      const certificate = this.certificates.find((candidate) => isOf(candidate, publicKey));
      return certificate === undefined ? [] : [{ privateKey, certificate }];
    });
    if (pairs.length === 0) throw new DerError(`${WHAT}: the file holds no certificate of its private key`);
    const ofCa = pairs.filter(({ certificate }) => certificate.isCa);
    const [pair, ...others] = pairs.length > 1 ? ofCa : pairs;
    if (pair === undefined || others.length > 0)
      throw new DerError(`${WHAT}: the file holds several private keys; export the one that is meant alone`);
    const rest = this.certificates.filter((certificate) => certificate !== pair.certificate);
    return { privateKey: pair.privateKey, certificates: [pair.certificate, ...rest] };
  }
}

function readContentInfo(element: Tlv): { type: string; content: DerReader } {
  const reader = element.open(WHAT);
  const type = readOid(reader.next(WHAT), WHAT);
  return { type, content: reader.enter(contextConstructedTag(0), WHAT) };
}

/** The encryptedContent: `[0]` in one piece, or in segments, as Bouncy Castle writes it. */
function readEncryptedContent(element: Tlv): Buffer {
  if (element.tag === contextPrimitiveTag(0)) return element.content;
  if (element.tag !== contextConstructedTag(0)) throw new DerError(`${WHAT}: encrypted content is missing`);
  const reader = element.open(WHAT);
  const segments: Buffer[] = [];
  while (!reader.atEnd) segments.push(reader.expect(Tag.OCTET_STRING, WHAT).content);
  return Buffer.concat(segments);
}

/** What a wrong key decrypts to is no BER: in a file without a MAC that is how a wrong password shows. */
function normaliseDecrypted(bytes: Buffer): Buffer {
  try {
    return normaliseBer(bytes);
  } catch (cause) {
    throw wrongPassword({ cause });
  }
}

/** The key's bits end the SubjectPublicKeyInfo. To read it would stumble over other certificates with keys unknown here. */
const isOf = ({ spki }: Certificate, { subjectPublicKey }: PublicKey): boolean =>
  spki.subarray(-subjectPublicKey.length).equals(subjectPublicKey);

function publicKeyOf(privateKey: Buffer): PublicKey {
  try {
    const key = createPublicKey(createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }));
    return PublicKey.read(key.export({ format: 'der', type: 'spki' }));
  } catch (cause) {
    throw new DerError(`${WHAT}: the private key is not RSA or on a NIST curve, or is damaged`, { cause });
  }
}
