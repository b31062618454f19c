import type { RolloverRequest } from '../../authorities/rollover.service';
import { invalidInput } from '../../common/checked-input';
import type { RolloverBody } from './rollover.body';

const WITH_TIME_ZONE = /T.*(?:Z|[+-]\d\d:?\d\d)$/;

/** What a body asks for. Throws ServiceError `invalid-input`: a moment without its time zone is none. */
export function rolloverRequest(body: RolloverBody): RolloverRequest {
  const { activateAt } = body;
  if (typeof activateAt === 'string' && !WITH_TIME_ZONE.test(activateAt))
    throw invalidInput([{ field: 'activateAt', message: 'must be a moment in ISO 8601, with its time zone' }]);
  return {
    key: body.key ?? 'new',
    keyAlgorithm: body.keyAlgorithm ?? undefined,
    validityDays: body.validityDays ?? undefined,
    activateAt: typeof activateAt === 'string' ? new Date(activateAt) : undefined,
    validFrom: body.validFrom ?? undefined,
    overlapHours: body.overlapHours ?? undefined,
  };
}
