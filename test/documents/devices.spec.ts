import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEVICE_PROFILES } from '../../src/device-profiles/device-profile-catalogue';
import { MANAGED_DEVICE_SHAPES } from '../support/managed-device-shapes';
import { NETWORK_DEVICE_SHAPES } from '../support/network-device-shapes';
import { RECORDED_SHAPES } from '../support/recorded-shapes';
import { codeIn, document, tableRows } from './markdown-table';

const README = 'docs/devices/README.md';
/** What every profile has and no switch is. */
const NO_SWITCH = ['name', 'description', 'aliasDefaults', 'needs'];

describe(README, () => {
  const rows = tableRows(document(README), '## Device profiles').map(([profile = '', recipe = '']) => ({
    profile: codeIn(profile)[0],
    recipe: /\]\(([^)#]+)\)/.exec(recipe)?.[1],
  }));

  it('lists every device profile, and no other', () => {
    expect(rows.map(({ profile }) => profile).sort()).toEqual(DEVICE_PROFILES.map(({ name }) => name));
  });

  it.each(DEVICE_PROFILES.map(({ name }) => name))('has a recipe for %s that names it', (name) => {
    const recipe = rows.find(({ profile }) => profile === name)?.recipe;
    expect(recipe).toBeDefined();
    const path = join('docs/devices', recipe!);
    expect(existsSync(join(__dirname, '../..', path))).toBe(true);
    const text = document(path);
    expect(text).toContain(name === 'generic' ? '`deviceProfile`' : `deviceProfile=${name}`);
    expect(text).toMatch(/^## What the profile does$/m);
    expect(text).toMatch(/^## On the gateway$/m);
    expect(text).toMatch(/^## What goes wrong$/m);
  });

  it('tells every switch', () => {
    const told = tableRows(document(README), '## Switches').map(([name = '']) => codeIn(name)[0]!);
    const switches = Object.keys(DEVICE_PROFILES[0]!).filter((field) => !NO_SWITCH.includes(field));
    expect(told.sort()).toEqual(switches.sort());
  });
});

describe('messages in the shape of a client', () => {
  it('are tested with each device profile (device-shapes.spec.ts, device-recordings.spec.ts)', () => {
    const forged = [...NETWORK_DEVICE_SHAPES, ...MANAGED_DEVICE_SHAPES].map(({ profile }) => profile);
    const tested = [...forged, ...Object.keys(RECORDED_SHAPES)].sort();
    expect(tested).toEqual(DEVICE_PROFILES.map(({ name }) => name));
  });
});
