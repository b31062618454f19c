import { checkToken, readAltName, reasonOfNumber, statusOfNumber, typeRemarks } from './ejbca-options';

describe("options of EJBCA's verbs", () => {
  it.each<[string, number]>([
    ['1', 0],
    ['257', 1],
    ['769', 2],
    ['2', 1],
  ])('--type %s has %d remarks', (text, count) => {
    expect(typeRemarks(text)).toHaveLength(count);
  });

  it.each(['129', 'x', ''])('--type %s is refused', (text) => {
    expect(() => typeRemarks(text)).toThrow('--type');
  });

  it('--token is what the device makes', () => {
    expect(() => {
      checkToken('usergenerated');
    }).not.toThrow();
    expect(() => {
      checkToken('P12');
    }).toThrow('made by the devices');
  });

  it('-S has the numbers of the statuses', () => {
    expect(['10', '40', '50'].map(statusOfNumber)).toEqual(['NEW', 'GENERATED', 'REVOKED']);
    expect(() => statusOfNumber('70')).toThrow('KEYRECOVERY');
    expect(() => statusOfNumber('NEW')).toThrow('10 NEW');
  });

  it('-r has the numbers of RFC 5280', () => {
    expect(['0', '1', '6', '8'].map(reasonOfNumber)).toEqual([
      'unspecified',
      'keyCompromise',
      'certificateHold',
      'removeFromCRL',
    ]);
    expect(() => reasonOfNumber('7')).toThrow('-r takes');
  });

  it('--altname has the names of EJBCA', () => {
    expect(
      readAltName(
        String.raw`dNSName=a.example.com, iPAddress=192.0.2.1,rfc822Name=a@example.com, directoryName=CN=a\,O=b`,
      ),
    ).toEqual([
      { type: 'dns', value: 'a.example.com' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'email', value: 'a@example.com' },
      { type: 'directoryName', value: 'CN=a,O=b' },
    ]);
    for (const text of ['a.example.com', 'constructor=x', 'dNSName=', 'guid=1'])
      expect(() => readAltName(text)).toThrow('--altname takes');
  });
});
