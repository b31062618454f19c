import { aliasDefaults } from '../aliases/alias';
import { DEVICE_PROFILES } from '../device-profiles/device-profile-catalogue';
import { examinedAlias, examinedAuthority, examinedProfile, examinedRoot } from '../../test/support/examined-alias';
import { capabilities } from '../scep/operations/ca-caps';
import { examine } from './examination';

describe('an alias with what its device profile gives it', () => {
  it.each(DEVICE_PROFILES.map((profile) => [profile.name, profile] as const))('serves %s', (name, deviceProfile) => {
    const settings = aliasDefaults(name);
    const ca = { ...examinedRoot, keyUsage: new Set([...examinedRoot.keyUsage!, 'dataEncipherment'] as const) };
    const alias = {
      ...examinedAlias({
        settings,
        authorities: [examinedAuthority({ name: 'devices' }, ca)],
        certificateProfiles: [{ ...examinedProfile, minimumRsaBits: 1024 }],
        capabilities: capabilities(
          { ...settings, name: 'scep' } as unknown as Parameters<typeof capabilities>[0],
          false,
        ),
      }),
      deviceProfile,
    };
    expect(examine(alias).filter(({ level }) => level !== 'note')).toEqual([]);
  });
});
