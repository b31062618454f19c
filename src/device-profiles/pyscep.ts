import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** PyScep 0.0.14. */
export const pyscepProfile: DeviceProfile = {
  ...genericProfile,
  name: 'pyscep',
  description: 'For PyScep, which cannot read a pending or refusing answer without content.',
  // PyScep 0.0.14 parses the content of every CertRep before it looks at pkiStatus.
  emptyContent: 'emptyOctetString',
};
