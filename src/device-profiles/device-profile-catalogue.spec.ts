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
});
