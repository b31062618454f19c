import type { DeviceProfile } from './device-profile';
import { genericProfile } from './generic';

/** Cisco IOS-XE. */
export const ciscoIosXeProfile: DeviceProfile = {
  ...genericProfile,
  name: 'cisco-ios-xe',
  description: 'For Cisco routers and switches with IOS-XE: strong algorithms only.',
  // An answer of step-ca, which sends this form, was seen to be read by IOS-XE; the RFC's form was not.
  emptyContent: 'emptyOctetString',
  aliasDefaults: {
    // It puts its host name, address and serial number into each request, asked to or not, also where another subject was
    // issued: without this each of its renewals would ask for another subject.
    renewal: { ignoredSubjectAttributes: ['SERIALNUMBER', 'unstructuredName', 'unstructuredAddress'] },
  },
  needs: { keys: { types: ['rsa'] } },
};
