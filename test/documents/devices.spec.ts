import { DEVICE_PROFILES } from '../../src/device-profiles/device-profile-catalogue';
import { codeIn, document, tableRows } from './markdown-table';

const README = 'docs/devices/README.md';
/** What every profile has and no switch is. */
const NO_SWITCH = ['name', 'description', 'aliasDefaults', 'needs'];

describe(README, () => {
  const rows = tableRows(document(README), '## Device profiles').map(([profile = '']) => codeIn(profile)[0]!);

  it('lists every device profile, and no other', () => {
    expect([...rows].sort()).toEqual(DEVICE_PROFILES.map(({ name }) => name));
  });

  it('tells every switch', () => {
    const told = tableRows(document(README), '## Switches').map(([name = '']) => codeIn(name)[0]!);
    const switches = Object.keys(DEVICE_PROFILES[0]!).filter((field) => !NO_SWITCH.includes(field));
    expect(told.sort()).toEqual(switches.sort());
  });
});
