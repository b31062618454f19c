import { SystemRandomSource } from '../src/common/random-source';
import { sortCaCertificates } from '../src/client/ca-certificates';
import { PrivateKey } from '../src/pki/cms/private-key';
import { Certificate } from '../src/pki/x509/certificate';
import { buildCertificate } from '../src/pki/x509/certificate-builder';
import { CertificationRequest } from '../src/pki/x509/certification-request';
import { DistinguishedName } from '../src/pki/x509/distinguished-name';
import {
  authorityKeyIdentifier,
  basicConstraints,
  type Extension,
  extendedKeyUsage,
  extensions,
  keyIdentifier,
  keyUsage,
  subjectKeyIdentifier,
} from '../src/pki/x509/extension';
import { encodeCertRep } from '../src/scep/message/cert-rep.encoder';
import { openEnvelope } from '../src/scep/message/pkcs-pki-envelope.opener';
import { checkPkiMessage, decodePkiMessage } from '../src/scep/message/pki-message.decoder';
import { encodeRequest, generateIdentities, planFleet } from './client-fleet';
import { summarise } from './percentiles';

/** CPU of one enrolment in the codec, in ms: medians over the rounds. */
export interface CodecFigures {
  /** From the bytes of the request to the bytes of the answer. */
  readonly total: number;
  /** The RSA operations in it, three with the private key and three with a public one, done alone. */
  readonly rsa: number;
  /** All else: reading, writing, digests, AES, importing keys, random octets. */
  readonly withoutRsa: number;
}

const ENROLMENTS_PER_ROUND = 100;
const WARMUP_ROUNDS = 10;
const ROUNDS = 30;
const DAY = 86_400_000;
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/** Measures the codec: RSA-2048, SHA-256, AES-128, one core. */
export async function measureCodec(keys: number): Promise<CodecFigures> {
  const bench = await CodecBench.create(keys);
  for (let round = 0; round < WARMUP_ROUNDS; round++) {
    await bench.enrolAll();
    bench.rsaAlone();
  }
  const total: number[] = [];
  const rsa: number[] = [];
  const withoutRsa: number[] = [];
  // By turns, so that what else goes on on this machine meets both alike.
  for (let round = 0; round < ROUNDS; round++) {
    const whole = await cpuMs(() => bench.enrolAll());
    const part = await cpuMs(() => {
      bench.rsaAlone();
    });
    total.push(whole / ENROLMENTS_PER_ROUND);
    rsa.push(part / ENROLMENTS_PER_ROUND);
    withoutRsa.push((whole - part) / ENROLMENTS_PER_ROUND);
  }
  return { total: summarise(total).p50, rsa: summarise(rsa).p50, withoutRsa: summarise(withoutRsa).p50 };
}

async function cpuMs(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

class CodecBench {
  private readonly random = new SystemRandomSource();
  private readonly wrapped: Buffer;
  private readonly signed = this.random.bytes(800);
  private readonly signature: Buffer;
  private readonly authorityKeyIdentifier: Extension;

  private constructor(
    private readonly authority: { readonly key: PrivateKey; readonly certificate: Certificate },
    private readonly messages: readonly Buffer[],
  ) {
    this.wrapped = authority.key.publicKey.encryptPkcs1(this.random.bytes(16));
    this.signature = authority.key.sign('sha256', this.signed);
    this.authorityKeyIdentifier = authorityKeyIdentifier(keyIdentifier(authority.certificate.spki));
  }

  static async create(keys: number): Promise<CodecBench> {
    const [authority, ...identities] = await generateIdentities(1 + Math.min(keys, ENROLMENTS_PER_ROUND));
    if (authority === undefined) throw new Error('no key');
    const ca = sortCaCertificates([authority.certificate]);
    const fleet = planFleet(ENROLMENTS_PER_ROUND, identities.length);
    const messages: Buffer[] = [];
    for (const member of fleet) {
      const { bytes } = await encodeRequest(member, identities[member.keyIndex] as typeof authority, ca);
      messages.push(bytes);
    }
    return new CodecBench(authority, messages);
  }

  async enrolAll(): Promise<void> {
    for (const bytes of this.messages) await this.enrol(bytes);
  }

  /** The RSA operations of as many enrolments. */
  rsaAlone(): void {
    const { key } = this.authority;
    const { publicKey } = key;
    for (let i = 0; i < ENROLMENTS_PER_ROUND; i++) {
      publicKey.verify('sha256', this.signed, this.signature);
      key.raw(this.wrapped);
      publicKey.verify('sha256', this.signed, this.signature);
      key.sign('sha256', this.signed);
      publicKey.encryptPkcs1(this.wrapped.subarray(0, 16));
      key.sign('sha256', this.signed);
    }
  }

  private async enrol(bytes: Buffer): Promise<void> {
    const message = decodePkiMessage(bytes);
    checkPkiMessage(message);
    const { content, cipher, keyTransport } = await openEnvelope(message.envelope, [this.authority]);
    const request = CertificationRequest.read(content);
    if (!request.verify()) throw new Error('the request does not verify');
    const certificate = await this.issue(request);
    await encodeCertRep({
      request: message,
      status: {
        pkiStatus: 'SUCCESS',
        certificates: [certificate, this.authority.certificate.der],
        protection: { kind: 'keyTransport', recipient: message.signer, keyTransport },
        cipher,
      },
      signer: this.authority,
      digest: message.digest,
      senderNonce: this.random.bytes(16),
      signingTime: new Date(),
      emptyContent: 'absent',
      random: this.random,
    });
  }

  private issue(request: CertificationRequest): Buffer | Promise<Buffer> {
    const { certificate, key } = this.authority;
    const now = Date.now();
    return buildCertificate({
      serialNumber: Buffer.concat([Buffer.of(1), this.random.bytes(15)]),
      issuer: certificate.subject,
      // A registered subject is text.
      subject: DistinguishedName.parse(request.subject.toString()),
      notBefore: new Date(now),
      notAfter: new Date(now + DAY),
      spki: request.spki,
      extensions: extensions([
        basicConstraints(false),
        keyUsage(['digitalSignature', 'keyEncipherment']),
        extendedKeyUsage([CLIENT_AUTHENTICATION]),
        this.authorityKeyIdentifier,
        subjectKeyIdentifier(request.spki),
      ]),
      signer: key,
      digest: 'sha256',
    });
  }
}
