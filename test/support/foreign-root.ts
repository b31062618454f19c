import { webcrypto } from 'node:crypto';
import { BitString, Integer, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  AuthenticatedSafe,
  BasicConstraints,
  CertBag,
  Certificate,
  CertificationRequest,
  CryptoEngine,
  Extension,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  RelativeDistinguishedNames,
  SafeBag,
  SafeContents,
} from 'pkijs';

const engine = new CryptoEngine({ name: 'node', crypto: webcrypto });
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** What a foreign root shall make of a request. */
export interface ForeignIssue {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Default true. */
  readonly ca?: boolean;
  /** Path length of the certificate; default none. */
  readonly pathLength?: number;
}

/** A CA that is not ours: made by PKI.js, with an ECDSA P-256 key. */
export class ForeignRoot {
  private serial = 100;

  private constructor(
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly certificate: Certificate,
  ) {}

  /** Makes the root with a certificate of its own. */
  static async create(commonName: string, issue: ForeignIssue): Promise<ForeignRoot> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = new Certificate();
    const root = new ForeignRoot(keys, certificate);
    certificate.subject = nameOf(commonName);
    await certificate.subjectPublicKeyInfo.importKey(keys.publicKey, engine);
    await root.sign(certificate, issue);
    return root;
  }

  /** Its certificate, DER. */
  get der(): Buffer {
    return Buffer.from(this.certificate.toSchema(true).toBER());
  }

  /** A certificate for a request, DER, after PKI.js has checked the request's signature. */
  async answer(request: Buffer, issue: ForeignIssue): Promise<Buffer> {
    const csr = CertificationRequest.fromBER(request);
    if (!(await csr.verify(engine))) throw new Error('PKI.js does not verify the request');
    const certificate = new Certificate();
    certificate.subject = csr.subject;
    certificate.subjectPublicKeyInfo = csr.subjectPublicKeyInfo;
    await this.sign(certificate, issue);
    return Buffer.from(certificate.toSchema(true).toBER());
  }

  /** Its key and certificate as PKCS #12: PBES2 with AES-128, MAC with SHA-256. */
  async pkcs12(password: string): Promise<Buffer> {
    const secret = new TextEncoder().encode(password).buffer;
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', this.keys.privateKey);
    const shrouded = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(pkcs8) });
    await shrouded.makeInternalValues(
      {
        password: secret,
        contentEncryptionAlgorithm: { name: 'AES-CBC', length: 128 } as never,
        hmacHashAlgorithm: 'SHA-256',
        iterationCount: 2048,
      },
      engine,
    );
    const safeBags = [
      new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.2', bagValue: shrouded }),
      new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.3', bagValue: new CertBag({ parsedValue: this.certificate }) }),
    ];
    const safe = { safeContents: [{ privacyMode: 0, value: new SafeContents({ safeBags }) }] };
    const authenticatedSafe = new AuthenticatedSafe({ parsedValue: safe });
    await authenticatedSafe.makeInternalValues({ safeContents: [{}] }, engine);
    const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
    const mac = { iterations: 2048, pbkdf2HashAlgorithm: 'SHA-256', hmacHashAlgorithm: 'SHA-256' };
    await pfx.makeInternalValues({ password: secret, ...mac }, engine);
    return Buffer.from(pfx.toSchema().toBER());
  }

  private async sign(
    certificate: Certificate,
    { notBefore, notAfter, ca = true, pathLength }: ForeignIssue,
  ): Promise<void> {
    certificate.version = 2;
    certificate.serialNumber = new Integer({ value: this.serial++ });
    certificate.issuer = this.certificate.subject;
    certificate.notBefore.value = notBefore;
    certificate.notAfter.value = notAfter;
    const constraints = new BasicConstraints({
      cA: ca,
      ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }),
    });
    const usage = new BitString({ valueHex: Uint8Array.of(ca ? 0xa6 : 0xa0).buffer, unusedBits: ca ? 1 : 5 });
    certificate.extensions = [
      new Extension({ extnID: '2.5.29.19', critical: true, extnValue: constraints.toSchema().toBER() }),
      new Extension({ extnID: '2.5.29.15', critical: true, extnValue: usage.toBER() }),
    ];
    await certificate.sign(this.keys.privateKey, 'SHA-256', engine);
  }
}

function nameOf(commonName: string): RelativeDistinguishedNames {
  return new RelativeDistinguishedNames({
    typesAndValues: [new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: commonName }) })],
  });
}
