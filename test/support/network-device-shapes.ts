import { attribute, tlv } from './forged-message';
import { extensionsWith, REQUEST_OIDS, STRING_TYPES } from './forged-request';
import {
  DEVICE_OIDS,
  type DeviceShape,
  type DeviceTransport,
  escaped,
  inLines,
  keyDigest,
  name,
} from './device-shapes';

/*
 * Routers and firewalls. Where a property is known of a neighbour of a device only, the neighbour's stands here.
 */

const { PrintableString, IA5String, UTF8String } = STRING_TYPES as Record<string, (text: string) => Buffer>;
const { commonName, organizationName, organizationalUnitName, serialNumber } = DEVICE_OIDS;
const { unstructuredName, unstructuredAddress, domainComponent, countryName } = DEVICE_OIDS;

const CA_CERT = 'application/x-x509-ca-cert';
const CA_RA_CERT = 'application/x-x509-ca-ra-cert';

const caps = (identifier: string) => ({
  query: `operation=GetCACaps&message=${identifier}`,
  contentType: 'text/plain',
});
const caCert = (identifier: string, contentType = CA_CERT) => ({
  query: `operation=GetCACert&message=${identifier}`,
  contentType,
});

/** HTTP/1.0 with a Host of no port, GET whatever is offered, line breaks in the message. */
const CISCO: DeviceTransport = {
  method: 'GET',
  httpVersion: '1.0',
  path: '/pkiclient.exe',
  headers: ['User-Agent: Mozilla/4.0 (compatible; MSIE 5.0; Cisco PKI)', 'Host: gateway'],
  encode: inLines,
};

/** digitalSignature and keyEncipherment, as IOS asks for them. */
const ASKED_KEY_USAGE = Buffer.from('030205a0', 'hex');

const requestedExtensions = (...list: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  attribute(REQUEST_OIDS.extensionRequest, tlv(0x30, ...list.map(([type, value]) => tlv(0x30, type, tlv(4, value)))));

const dnsName = (text: string): Buffer => tlv(0x30, tlv(0x82, Buffer.from(text)));

/** A trace of IOS-XE: no CN; three names of its own in one RDN; the certificate that signs has another subject. */
const router = (profile: string, host: string, serial: string): DeviceShape => ({
  profile,
  authority: 'Devices',
  queries: [caps('GATEWAY'), caCert('GATEWAY')],
  transport: CISCO,
  subject: name(
    [[organizationalUnitName, PrintableString!('Branches')]],
    [
      [serialNumber, PrintableString!(serial)],
      [unstructuredAddress, PrintableString!('192.0.2.1')],
      [unstructuredName, IA5String!(host)],
    ],
  ),
  username: serial,
  registered: { subject: 'OU=Branches', subjectAltNames: [{ type: 'dns', value: host }] },
  signerSubject: name([[unstructuredName, UTF8String!(host)]]),
  signerSerial: Buffer.of(5),
  digest: 'sha256',
  cipher: '3des',
  transactionID: keyDigest('md5'),
  challengeType: 'PrintableString',
  requestAttributes: [
    requestedExtensions([DEVICE_OIDS.subjectAltName, dnsName(host)], [DEVICE_OIDS.keyUsage, ASKED_KEY_USAGE]),
  ],
  needs: { certificates: 2, altNames: [`dns:${host}`] },
});

/** A firewall of the age of PIX: its names twice, RSA 1024, the name of the CA in lower case. */
const pix = (profile: string, host: string, digest: 'md5' | 'sha1'): DeviceShape => ({
  profile,
  authority: 'VpnCA',
  queries: [caCert('vpnca')],
  transport: CISCO,
  subject: name([
    [unstructuredName, PrintableString!(host)],
    [unstructuredAddress, PrintableString!('10.1.1.1')],
  ]),
  username: host,
  registered: {
    subject: `CN=${host},unstructuredName=${host},unstructuredAddress=10.1.1.1,O=PrimeKey,C=SE`,
    certificateProfile: 'SHORT-KEYS',
  },
  keyBits: 1024,
  digest,
  cipher: 'des',
  transactionID: keyDigest('md5'),
  challengeType: 'PrintableString',
  needs: { certificates: 2, altNames: [`dns:${host}`, 'ip:10.1.1.1'] },
});

const juniper = (profile: string, more: Partial<DeviceShape>): DeviceShape => ({
  profile,
  authority: 'Devices',
  queries: [caCert('DEVICES')],
  transport: { method: 'GET', httpVersion: '1.1', path: '/pkiclient.exe', headers: [], encode: escaped },
  subject: name([[commonName, PrintableString!(`${profile}.example`)]], [[countryName, PrintableString!('SE')]]),
  username: `${profile}.example`,
  digest: 'sha1',
  cipher: '3des',
  transactionID: keyDigest('md5'),
  challengeType: 'PrintableString',
  needs: { certificates: 1 },
  ...more,
});

/** The network devices. */
export const NETWORK_DEVICE_SHAPES: readonly DeviceShape[] = [
  { ...router('cisco-ios-xe', 'xe.example', 'FCH1'), cipher: 'aes128' },
  router('cisco-ios', 'ios.example', 'FCH2'),
  { ...router('cisco-ios-legacy', 'old.example', 'FCH3'), digest: 'md5', cipher: 'des', nonceLength: 8 },
  { ...router('cisco-asa', 'asa.example', 'JMX1'), digest: 'sha1', queries: [caps('GATEWAY'), caCert('GATEWAY')] },
  pix('cisco-pix', 'pix.primekey.example', 'md5'),
  pix('cisco-vpn3000', 'vpn3000.primekey.example', 'sha1'),
  {
    ...pix('cisco-vpn-client', 'unused', 'md5'),
    subject: name(
      [[commonName, PrintableString!('roaming')]],
      [[organizationalUnitName, PrintableString!('vpngroup')]],
    ),
    username: 'roaming',
    registered: { subject: 'CN=roaming,OU=vpngroup', certificateProfile: 'SHORT-KEYS' },
    // Its CA Domain.
    queries: [caCert('VPNCA')],
    needs: { certificates: 2 },
  },
  {
    profile: 'cisco-ise',
    authority: 'WithRa',
    queries: [caps('ise'), caCert('ise', CA_RA_CERT)],
    // The query of its GET is what the guides tell to raise IIS' limits for.
    transport: { method: 'GET', httpVersion: '1.1', path: '', headers: [], encode: escaped },
    subject: name(
      [[commonName, UTF8String!('employee')]],
      [[organizationalUnitName, UTF8String!('A unit with a name so long that it makes the query longer still')]],
    ),
    username: 'employee',
    digest: 'sha256',
    cipher: 'aes128',
    transactionID: keyDigest('sha1', false),
    challengeType: 'UTF8String',
    needs: { certificates: 2 },
  },
  juniper('juniper-netscreen', {
    subject: name(
      [[commonName, PrintableString!('netscreen.foo.example')]],
      [[organizationName, PrintableString!('PrimeKey')]],
      [[countryName, PrintableString!('SE')]],
    ),
    username: 'netscreen.foo.example',
    registered: { subjectAltNames: [{ type: 'ip', value: '192.168.1.1' }] },
    needs: { certificates: 1, altNames: ['ip:192.168.1.1'] },
  }),
  juniper('juniper-junos', {
    // Its ca-identity is a domain, and its subjects have DC.
    queries: [caCert('example.com')],
    subject: name(
      [[domainComponent, IA5String!('example')]],
      [[commonName, PrintableString!('srx.example')]],
      [[serialNumber, PrintableString!('JN1')]],
    ),
    username: 'srx.example',
  }),
  {
    profile: 'mikrotik',
    authority: 'Devices',
    queries: [caps('DummyCAIdentity'), caCert('DummyCAIdentity')],
    transport: { method: 'POST', httpVersion: '1.1', path: '/pkiclient.exe', headers: [] },
    subject: name([[commonName, UTF8String!('mikrotik')]]),
    username: 'mikrotik',
    digest: 'sha1',
    cipher: '3des',
    transactionID: keyDigest('sha256', false),
    challengeType: 'UTF8String',
    needs: { certificates: 2 },
  },
  {
    profile: 'palo-alto',
    authority: 'Devices',
    queries: [caCert('CA-IDENT')],
    transport: { method: 'GET', httpVersion: '1.1', path: '', headers: [], encode: escaped },
    subject: name([[commonName, UTF8String!('globalprotect')]]),
    username: 'globalprotect',
    digest: 'sha256',
    cipher: 'aes128',
    transactionID: keyDigest('sha1', false),
    challengeType: 'PrintableString',
    requestAttributes: [
      attribute(REQUEST_OIDS.extensionRequest, extensionsWith(DEVICE_OIDS.subjectAltName, dnsName('gp.example'))),
    ],
    needs: { certificates: 2 },
  },
];
