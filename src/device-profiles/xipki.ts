import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** The SCEP client of XiPKI. */
export const xipkiProfile: DeviceProfile = {
  ...genericProfile,
  name: 'xipki',
  description: "For XiPKI's client, which names the content of its messages by another type.",
  // Its SignedData says id-envelopedData, and is of version 3 accordingly (RFC 5652 section 5.1).
  envelopedDataContentType: true,
};
