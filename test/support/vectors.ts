import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readPem } from '../../src/pki/x509/pem';

/** Where the vectors lie. */
export const VECTORS_DIRECTORY = join(__dirname, '..', 'vectors');

/** A recorded request and what must come out of it; `test/vectors/README.md` says what each header means. */
export interface MessageVector {
  /** Such as `sscep/0.10.0-enrol`. */
  readonly name: string;
  readonly expect: string;
  readonly operation: string;
  readonly method: 'GET' | 'POST';
  readonly httpVersion: '1.0' | '1.1';
  readonly target: string | undefined;
  readonly contentType: string | undefined;
  readonly messageType: string;
  readonly transactionID: string;
  readonly senderNonce: Buffer;
  readonly digest: string;
  readonly cipher: string;
  readonly challengePassword: string | undefined;
  readonly recipient: VectorRecipient;
  /** The message's signing time. */
  readonly now: Date;
  readonly provenance: string;
  readonly comment: string;
  /** The pkiMessage. */
  readonly bytes: Buffer;
}

/** To whom a vector is encrypted. */
export interface VectorRecipient {
  /** Such as `mock-ca`. */
  readonly name: string;
  /** DER. */
  readonly certificate: Buffer;
  /** DER of the PKCS #8 PrivateKeyInfo. */
  readonly privateKey: Buffer;
  /** Path of the certificate's PEM file. */
  readonly certificateFile: string;
  /** Path of the key's PEM file. */
  readonly keyFile: string;
}

const REQUIRED = [
  'expect',
  'operation',
  'method',
  'http-version',
  'message-type',
  'transaction-id',
  'sender-nonce',
  'digest',
  'cipher',
  'recipient-certificate',
  'recipient-key',
  'now',
  'provenance',
  'comment',
];
const OPTIONAL = ['target', 'content-type', 'challenge-password'];

/** All vectors, sorted by name. Throws for a file that is not as the README says. */
export function loadVectors(): MessageVector[] {
  return readdirSync(VECTORS_DIRECTORY, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.vec'))
    .sort()
    .map((file) => readVector(join(VECTORS_DIRECTORY, file)));
}

/** The vector with this name. */
export const loadVector = (name: string): MessageVector => readVector(join(VECTORS_DIRECTORY, `${name}.vec`));

function readVector(path: string): MessageVector {
  const name = relative(VECTORS_DIRECTORY, path).replace(/\.vec$/, '');
  return parseVector(name, readFileSync(path, 'utf8'));
}

/** Parses the text of a vector file; throws for a header that is unknown, missing or doubled. */
export function parseVector(name: string, text: string): MessageVector {
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw new Error(`${name}: no blank line`);
  const headers = new Map<string, string>();
  for (const line of text.slice(0, blank).split('\n')) {
    const colon = line.indexOf(': ');
    const key = line.slice(0, colon);
    if (colon < 0 || ![...REQUIRED, ...OPTIONAL].includes(key)) throw new Error(`${name}: unknown header ${line}`);
    if (headers.has(key)) throw new Error(`${name}: header ${key} occurs twice`);
    headers.set(key, line.slice(colon + 2));
  }
  const get = (key: string): string => {
    const value = headers.get(key);
    if (value === undefined) throw new Error(`${name}: header ${key} is missing`);
    return value;
  };
  REQUIRED.forEach(get);
  if ((get('method') === 'GET') !== headers.has('target')) throw new Error(`${name}: GET and target go together`);
  return {
    name,
    expect: get('expect'),
    operation: get('operation'),
    method: get('method') as MessageVector['method'],
    httpVersion: get('http-version') as MessageVector['httpVersion'],
    target: headers.get('target'),
    contentType: headers.get('content-type'),
    messageType: get('message-type'),
    transactionID: get('transaction-id'),
    senderNonce: Buffer.from(get('sender-nonce'), 'hex'),
    digest: get('digest'),
    cipher: get('cipher'),
    challengePassword: headers.get('challenge-password'),
    recipient: readRecipient(get('recipient-certificate'), get('recipient-key')),
    now: new Date(get('now')),
    provenance: get('provenance'),
    comment: get('comment'),
    bytes: Buffer.from(text.slice(blank + 2), 'base64'),
  };
}

function readRecipient(certificate: string, key: string): VectorRecipient {
  const certificateFile = join(VECTORS_DIRECTORY, certificate);
  const keyFile = join(VECTORS_DIRECTORY, key);
  return {
    name: certificate.replace(/^keys\/|\.cert\.pem$/g, ''),
    certificate: pemContent(certificateFile),
    privateKey: pemContent(keyFile),
    certificateFile,
    keyFile,
  };
}

function pemContent(file: string): Buffer {
  const [block] = readPem(readFileSync(file, 'utf8'));
  if (block === undefined) throw new Error(`${file}: no PEM`);
  return block.der;
}

/** Names of the vectors that the specs of the encoding rooms use; `requests/` has what is in them under the same names. */
export const RECORDED = [
  'sscep/0.10.0-enrol',
  'sscep/0.6.1-enrol-md5-des-get',
  'micromdm/2.1.0-enrol',
  'strongswan/5.9.8-enrol',
  'jscep/3.0.0-enrol',
  'jscep/2.2.0-enrol',
] as const;

/** Bytes of a file below test/vectors. */
export const vector = (path: string): Buffer => readFileSync(join(VECTORS_DIRECTORY, path));
