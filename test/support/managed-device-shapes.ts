import { attribute, OIDS, tlv } from './forged-message';
import { extensionsWith, REQUEST_OIDS, STRING_TYPES } from './forged-request';
import { DEVICE_OIDS, type DeviceShape, type DeviceTransport, inLines, keyDigest, name } from './device-shapes';

/*
 * Devices that an MDM server tells what to ask for, and the clients that nobody could record.
 */

const { PrintableString, IA5String, UTF8String, BMPString } = STRING_TYPES as Record<string, (text: string) => Buffer>;
const { commonName, organizationName } = DEVICE_OIDS;

const CA_CERT = 'application/x-x509-ca-cert';
const CA_RA_CERT = 'application/x-x509-ca-ra-cert';

const caps = (message: string) => ({ query: `operation=GetCACaps&message=${message}`, contentType: 'text/plain' });
const caCert = (message: string, contentType: string) => ({
  query: `operation=GetCACert&message=${message}`,
  contentType,
});
const post = (path: string, ...headers: string[]): DeviceTransport => ({
  method: 'POST',
  httpVersion: '1.1',
  path,
  headers,
});
const PKI_MESSAGE = 'Content-Type: application/x-pki-message';

/** An Apple device: BER, a signer of a random name, a short nonce, the certificate before the capabilities. */
const apple = (profile: string, username: string): DeviceShape => ({
  profile,
  // A CA below a root: it chooses by keyUsage among all that it is shown.
  authority: 'Below',
  queries: [caCert('Example', CA_CERT), caps('Example')],
  transport: post('', PKI_MESSAGE, 'User-Agent: mdmclient/1.0 CFNetwork/1485 Darwin/23.1.0'),
  subject: name([[organizationName, UTF8String!('Example')]], [[commonName, UTF8String!(username)]]),
  username,
  signerSubject: name([[commonName, UTF8String!('6F1A8A4E-3D8C-4A0E-9D6B-2E0C1B6F7A11')]]),
  signerUsage: ['digitalSignature', 'keyEncipherment'],
  digest: 'sha256',
  cipher: 'aes128',
  nonceLength: 8,
  transactionID: keyDigest('sha1'),
  challengeType: 'PrintableString',
  indefinite: true,
  needs: { certificates: 2 },
});

/** {@link apple}'s counterpart with jSCEP inside. */
const agent = (profile: string, username: string, identifier: string): DeviceShape => ({
  profile,
  authority: 'WithRa',
  queries: [caps(identifier), caCert(identifier, CA_RA_CERT)],
  transport: post('/mscep.dll', 'Content-Type: application/octet-stream'),
  subject: name([[commonName, UTF8String!(username)]]),
  username,
  digest: 'sha512',
  cipher: 'aes128',
  transactionID: keyDigest('sha1', false),
  challengeType: 'PrintableString',
  indefinite: true,
  needs: { certificates: 2 },
});

const upn = (text: string): Buffer =>
  tlv(0x30, tlv(0xa0, tlv(6, Buffer.from('2b060104018237140203', 'hex')), tlv(0xa0, UTF8String!(text))));

const WINDOWS: DeviceShape = {
  profile: 'windows',
  authority: 'Below',
  queries: [caps('default'), caCert('default', CA_RA_CERT)],
  // It appends the program to whatever it was given.
  transport: post(
    '/pkiclient.exe/pkiclient.exe',
    PKI_MESSAGE,
    'User-Agent: Mozilla/4.0 (compatible; Win32; NDES client 10.0.19041.1/vb_release)',
  ),
  subject: name([[commonName, UTF8String!('laptop')]]),
  username: 'laptop',
  registered: { subjectAltNames: [{ type: 'upn', value: 'user@example.com' }] },
  digest: 'sha256',
  cipher: 'aes256',
  keyTransport: { scheme: 'oaep', digest: 'sha1', mgfDigest: 'sha1' },
  transactionID: keyDigest('sha1'),
  challengeType: 'PrintableString',
  requestAttributes: [
    attribute(DEVICE_OIDS.osVersion, IA5String!('10.0.19045.2')),
    attribute(
      DEVICE_OIDS.requestClientInfo,
      tlv(0x30, Buffer.of(2, 1, 5), UTF8String!('LAPTOP'), UTF8String!('SYSTEM'), UTF8String!('omadmclient.exe')),
    ),
    attribute(
      DEVICE_OIDS.enrolmentCsp,
      tlv(0x30, Buffer.of(2, 1, 1), BMPString!('Microsoft Software Key Storage Provider'), tlv(3, Buffer.of(0))),
    ),
    attribute(DEVICE_OIDS.nameValuePair, tlv(0x30, BMPString!('ValidityPeriod'), BMPString!('Years'))),
    attribute(
      REQUEST_OIDS.microsoftCertificateExtensions,
      extensionsWith(DEVICE_OIDS.subjectAltName, upn('user@example.com')),
    ),
  ],
  needs: { certificates: 2, altNames: ['upn:user@example.com'] },
};

const MANAGED: readonly DeviceShape[] = [
  apple('apple', 'iphone'),
  apple('jamf', 'macbook'),
  {
    ...apple('mobileiron', 'phone'),
    authority: 'Devices',
    queries: [caps('MobileIronSCEP'), caCert('MobileIronSCEP', CA_CERT)],
  },
  { ...agent('workspace-one', 'tablet', 'ws1'), authority: 'WithRaPair' },
  agent('intune', 'companyportal', 'ca'),
  WINDOWS,
];

/** What each client of the following adds to a request of one name. */
const client = (profile: string, more: Partial<DeviceShape>): DeviceShape => ({
  profile,
  authority: 'Devices',
  queries: [],
  transport: post(''),
  subject: name([[commonName, PrintableString!(profile)]]),
  username: profile,
  digest: 'sha256',
  cipher: 'aes128',
  transactionID: keyDigest('sha1', false),
  challengeType: 'PrintableString',
  needs: { certificates: 2 },
  ...more,
});

const SSCEP_GET: DeviceTransport = {
  method: 'GET',
  httpVersion: '1.0',
  path: '/pkiclient.exe',
  headers: [],
  encode: inLines,
};

/** Each line ended as Windows ends it. */
const inWindowsLines = (bytes: Buffer): string => inLines(bytes).replaceAll('%0A', '%0D%0A').replaceAll('/', '%2F');

const CLIENTS: readonly DeviceShape[] = [
  client('openscep', {
    queries: [
      caCert('', CA_CERT),
      { query: 'operation=GetCACertChain', contentType: 'application/x-x509-ca-ra-cert-chain' },
    ],
    transport: SSCEP_GET,
    // The serial number is a text of 32 octets.
    signerSerial: Buffer.from('0123456789ABCDEF0123456789ABCDEF'),
    digest: 'md5',
    cipher: 'des',
    messageType: '17',
    transactionID: keyDigest('md5'),
  }),
  client('autosscep', {
    authority: 'WithRa',
    alias: { algorithms: { accept: { digests: ['md5', 'sha256'], ciphers: ['des', 'aes128'] } } },
    queries: [caCert('', CA_RA_CERT)],
    transport: SSCEP_GET,
    digest: 'md5',
    cipher: 'des',
    transactionID: keyDigest('md5'),
  }),
  client('libscep', {
    transport: { ...SSCEP_GET, httpVersion: '1.1', encode: inWindowsLines },
    digest: 'sha1',
    cipher: '3des',
    transactionID: keyDigest('sha256'),
    without: ['contentType'],
  }),
  client('pyscep', {
    transport: { ...post('', PKI_MESSAGE), rest: '&message=' },
    digest: 'sha512',
    cipher: 'aes256',
  }),
  client('xipki', { contentType: OIDS.envelopedData, indefinite: true }),
];

/** Managed devices, and clients. */
export const MANAGED_DEVICE_SHAPES: readonly DeviceShape[] = [...MANAGED, ...CLIENTS];
