import { DEFAULT_DEVICE_PROFILE, DEVICE_PROFILES, findDeviceProfile } from './device-profile-catalogue';

describe('the device profiles', () => {
  it('have unique, speakable names in order', () => {
    const names = DEVICE_PROFILES.map((profile) => profile.name);
    expect(names).toEqual([...new Set(names)].sort());
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  it('cannot be changed by who uses them', () => {
    for (const profile of DEVICE_PROFILES) expect(Object.isFrozen(profile)).toBe(true);
  });

  it('hold the default', () => {
    expect(findDeviceProfile(DEFAULT_DEVICE_PROFILE)?.name).toBe('generic');
  });

  it('are found by exact name only', () => {
    expect(findDeviceProfile('Generic')).toBeUndefined();
    expect(findDeviceProfile('constructor')).toBeUndefined();
  });

  it('leave eContent out unless a client is known to need it (RFC 8894 section 3.3.2)', () => {
    expect(findDeviceProfile('generic')?.emptyContent).toBe('absent');
    expect(findDeviceProfile('certmonger')?.emptyContent).toBe('emptyOctetString');
    expect(findDeviceProfile('pyscep')?.emptyContent).toBe('emptyOctetString');
  });

  it('switch MD5, single DES and short keys on only where their device has nothing else', () => {
    const weak = DEVICE_PROFILES.filter(({ aliasDefaults: { algorithms } }) => {
      const { digests = [], ciphers = [], minimumRsaBits = 2048 } = algorithms?.accept ?? {};
      return digests.includes('md5') || ciphers.includes('des') || minimumRsaBits < 2048;
    });
    expect(weak.map(({ name }) => name)).toEqual([
      'cisco-ios-legacy',
      'cisco-pix',
      'cisco-vpn-client',
      'cisco-vpn3000',
      'openscep',
    ]);
  });

  it('mirror weak algorithms, which their devices cannot do without in the answer either', () => {
    for (const { aliasDefaults } of DEVICE_PROFILES)
      if (aliasDefaults.algorithms?.accept?.digests?.includes('md5') === true)
        expect(aliasDefaults.algorithms.reply).toBe('mirror');
  });

  it('forbid and demand the CA certificate in an answer where the devices do', () => {
    const given = DEVICE_PROFILES.flatMap(({ name, aliasDefaults: { includeCaCertificate } }) =>
      includeCaCertificate === undefined ? [] : [`${name} ${includeCaCertificate}`],
    );
    expect(given).toEqual(['cisco-vpn-client issuer', 'juniper-junos none', 'juniper-netscreen none']);
  });

  it('are no names of a vendor in a switch', () => {
    const switches = Object.keys(findDeviceProfile('generic')!).join(' ').toLowerCase();
    const vendors = DEVICE_PROFILES.flatMap(({ name }) => name.split('-')).filter((word) => word.length > 3);
    for (const vendor of vendors.filter((word) => !['generic', 'legacy', 'client'].includes(word)))
      expect(switches).not.toContain(vendor);
  });
});
