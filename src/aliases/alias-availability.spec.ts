import { unavailability } from './alias-availability';

const isOff = (profile: string): boolean => profile.startsWith('OFF');

it.each([
  ['RA', ['OFF']],
  ['RA', ['OFF', 'OFF 2']],
] as const)('in %s mode an alias that issues by %j is not available', (operationalMode, certificateProfiles) => {
  const reason = unavailability({ operationalMode, certificateProfiles }, isOff);
  expect(reason).toContain(certificateProfiles.join(', '));
});

it.each([
  ['RA', ['ON']],
  ['RA', ['OFF', 'ON']],
  ['CA', ['OFF']],
] as const)('in %s mode an alias that issues by %j is available', (operationalMode, certificateProfiles) => {
  expect(unavailability({ operationalMode, certificateProfiles }, isOff)).toBeUndefined();
});
