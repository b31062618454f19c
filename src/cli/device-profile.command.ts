import type { Command } from 'commander';
import type { CommandContext } from './command-context';
import { addList, addShow } from './resource-commands';

const DEVICE_PROFILE = { noun: 'device profile', argument: 'name', collection: 'device-profiles' } as const;

const COLUMNS = [
  { heading: 'NAME', field: 'name' },
  { heading: 'DESCRIPTION', field: 'description' },
] as const;

/** `scep-gateway device-profile`: what an alias can be set to for the devices that it serves. */
export function addDeviceProfileCommand(program: Command, context: CommandContext): void {
  const profile = program
    .command('device-profile')
    .description('device profiles, for the setting deviceProfile of an alias (docs/devices/README.md)');
  addList(profile, context, { plural: 'device profiles', collection: DEVICE_PROFILE.collection, columns: COLUMNS });
  addShow(profile, context, DEVICE_PROFILE);
}
