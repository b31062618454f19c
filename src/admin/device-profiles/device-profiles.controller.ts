import { Controller, Get, Param, Query } from '@nestjs/common';
import { ServiceError } from '../../common/service-error';
import type { DeviceProfile } from '../../device-profiles/device-profile';
import { DEVICE_PROFILES, findDeviceProfile } from '../../device-profiles/device-profile-catalogue';
import { anyObject, Documented, flag, oneOf, pageOf, text, type Answer } from '../openapi/documented';
import { PageQuery, Pager, textPart, type Page } from '../pagination';

const PAGER = new Pager<DeviceProfile, { name: string }>({ name: textPart }, ({ name }) => ({ name }));

type DeviceProfileView = DeviceProfile & Required<Pick<DeviceProfile, 'needs'>>;

const view = (profile: DeviceProfile): DeviceProfileView => ({ ...profile, needs: profile.needs ?? {} });

const ANSWER: Answer = {
  name: 'DeviceProfile',
  properties: {
    name: text,
    description: text,
    emptyContent: oneOf(['absent', 'emptyOctetString']),
    envelopedDataContentType: flag,
    missingContentTypeAttribute: flag,
    selfSignedRenewalEnrols: flag,
    signOnlyKeysCannotDecrypt: flag,
    unstructuredNamesAsAltNames: flag,
    repeatsSenderNonce: flag,
    refusesDomainComponents: flag,
    aliasDefaults: anyObject,
    needs: anyObject,
  },
};

/** The device profiles that this version has; they are part of the code. */
@Controller('api/v1/device-profiles')
export class DeviceProfilesController {
  @Get()
  @Documented({ summary: 'Lists device profiles by name', status: 200, answer: pageOf(ANSWER) })
  list(@Query() query: PageQuery): Promise<Page<DeviceProfileView>> {
    return PAGER.page(
      query,
      (limit, after) => {
        const behind = DEVICE_PROFILES.filter(({ name }) => after === undefined || name > after.name);
        return Promise.resolve(behind.slice(0, limit));
      },
      view,
    );
  }

  @Get(':name')
  @Documented({ summary: 'Shows a device profile', status: 200, answer: ANSWER })
  get(@Param('name') name: string): DeviceProfileView {
    const profile = findDeviceProfile(name);
    if (profile === undefined) throw new ServiceError('not-found', 'there is no device profile of that name');
    return view(profile);
  }
}
