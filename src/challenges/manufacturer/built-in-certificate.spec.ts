import { TestSigningKey } from '../../../test/support/test-signing-key';
import { Certificate } from '../../pki/x509/certificate';
import { buildCertificate } from '../../pki/x509/certificate-builder';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { builtInUsername } from './built-in-certificate';
import { MANUFACTURER_DEFAULTS, parseUsernameRule } from './manufacturer-settings';

const KEY = TestSigningKey.ec();

const of = async (subject: string): Promise<Certificate> =>
  Certificate.read(
    await buildCertificate({
      serialNumber: Buffer.of(1),
      issuer: DistinguishedName.parse('CN=Maker'),
      subject: DistinguishedName.parse(subject),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2027-01-01T00:00:00Z'),
      spki: KEY.publicKey.spki,
      extensions: undefined,
      signer: KEY,
      digest: 'sha256',
    }),
  );

describe('the user name in a built-in certificate', () => {
  it.each([
    ['SERIALNUMBER', 'CN=x,SERIALNUMBER=4711', '4711'],
    ['SERIALNUMBER', 'CN=x', undefined],
    ['SERIALNUMBER:SN', 'SERIALNUMBER=PID:ISR4331/K9 SN:FDO21520TGH', 'FDO21520TGH'],
    ['SERIALNUMBER:SN', 'SERIALNUMBER=SN:  ', undefined],
    ['SERIALNUMBER:SN', 'SERIALNUMBER=FDO21520TGH', undefined],
    ['CN', 'CN=CP-8845-SEP00AABBCCDDEE', 'CP-8845-SEP00AABBCCDDEE'],
    ['2.5.4.11', 'CN=x,OU=unit', 'unit'],
  ])('by the rule %s in %s', async (username, subject, found) => {
    expect(builtInUsername({ ...MANUFACTURER_DEFAULTS, username }, await of(subject))).toBe(found);
  });

  it.each(['', ':SN', 'NOSUCH', 'CN:', 'CN:a b', 'CN:a:b'])('has no rule "%s"', (text) => {
    expect(parseUsernameRule(text)).toBeUndefined();
  });
});
