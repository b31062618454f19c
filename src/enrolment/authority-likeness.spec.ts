import type { Authority } from '../authorities/authority';
import { PrivateKey } from '../pki/cms/private-key';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { refuseAuthorityLikeness } from './authority-likeness';

const keys = Array.from({ length: 5 }, () => PrivateKey.generateRsa(1024).publicKey);
const [caKey, raKey, nextKey, otherKey, deviceKey] = keys as [
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
];

const certificate = (subject: string, publicKey: (typeof keys)[0]) => ({
  subject: DistinguishedName.parse(subject),
  publicKey,
});
const authority = {
  generations: {
    previous: undefined,
    current: { certificate: certificate('CN=Devices,O=Example', caKey), raCertificates: [certificate('CN=RA', raKey)] },
    next: { certificate: certificate('CN=Devices G2,O=Example', nextKey), raCertificates: [] },
  },
} as unknown as Authority;
const other = {
  generations: { current: { certificate: certificate('CN=Others', otherKey), raCertificates: [] } },
} as unknown as Authority;

const refuse =
  (subject: string, key = deviceKey) =>
  () => {
    refuseAuthorityLikeness([authority, other], DistinguishedName.parse(subject), key);
  };

it.each(['CN=Devices,O=Example', 'CN=DEVICES,O=example', 'CN=Devices G2,O=Example', 'CN=others'])(
  'nobody gets the name of an authority, however it is written: %s',
  (subject) => {
    expect(refuse(subject)).toThrow(
      expect.objectContaining({ code: 'request-refused', rule: 'request.authority-name' }),
    );
  },
);

it.each([
  ['the CA', caKey],
  ['the RA', raKey],
  ['the next generation', nextKey],
  ['another authority', otherKey],
])('nobody gets a certificate for the key of %s', (_, key) => {
  expect(refuse('CN=device', key)).toThrow(
    expect.objectContaining({ code: 'key-not-allowed', rule: 'request.authority-key' }),
  );
});

it('everybody else does', () => {
  expect(refuse('CN=Devices')).not.toThrow();
  expect(refuse('O=Example,CN=Devices')).not.toThrow();
});
