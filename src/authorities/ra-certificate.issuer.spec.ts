import { DistinguishedName } from '../pki/x509/distinguished-name';
import { raSubject } from './ra-certificate.issuer';

describe('raSubject', () => {
  it.each([
    ['CN=CA,O=Org,C=SE', 'CN=CA SCEP RA,O=Org,C=SE'],
    ['C=SE,O=Org,CN=CA', 'C=SE,O=Org,CN=CA SCEP RA'],
    ['C=SE,O=Org', 'C=SE,O=Org,CN=SCEP RA'],
    ['CN=One,OU=x,CN=Two', 'CN=One SCEP RA,OU=x'],
    ['CN=CA+UID=1,O=Org', 'CN=CA SCEP RA+UID=1,O=Org'],
    [`CN=${'x'.repeat(64)}`, `CN=${'x'.repeat(56)} SCEP RA`],
  ])('makes of %s the name %s', (ca, ra) => {
    expect(raSubject(DistinguishedName.parse(ca), 'both').toString()).toBe(DistinguishedName.parse(ra).toString());
  });

  it('tells the two of a pair apart', () => {
    const ca = DistinguishedName.parse('CN=CA');
    expect(raSubject(ca, 'sign').toString()).toBe('CN=CA SCEP RA Signing');
    expect(raSubject(ca, 'encrypt').toString()).toBe('CN=CA SCEP RA Encryption');
  });

  it('leaves no blank at the cut, and no common name beyond 64 characters', () => {
    const name = raSubject(DistinguishedName.parse(`CN=${'x'.repeat(55)} and more`), 'both').toString();
    expect(name).toBe(`CN=${'x'.repeat(55)} SCEP RA`);
  });
});
