import type { EndEntityDetails } from '../../end-entities/end-entity-details';
import { END_ENTITY_STATUS_NAMES } from '../../end-entities/end-entity-status';
import {
  integer,
  listOf,
  moment,
  oneOf,
  optionalMoment,
  optionalText,
  record,
  text,
  type Answer,
} from '../openapi/documented';

/** An end entity as it is answered. */
export type EndEntityView = Omit<EndEntityDetails, 'id'>;

/** {@link EndEntityView} in the OpenAPI document. */
export const END_ENTITY_ANSWER: Answer = {
  name: 'EndEntity',
  properties: {
    username: text,
    status: oneOf(END_ENTITY_STATUS_NAMES),
    subject: text,
    subjectAltNames: listOf(record({ type: text, value: text })),
    authority: text,
    certificateProfile: text,
    endEntityProfile: text,
    registeredBy: optionalText,
    allowedRequests: integer,
    remainingRequests: integer,
    failedAttempts: integer,
    lockedUntil: optionalMoment,
    failedSources: listOf(
      record({ source: text, failures: integer, lastFailureAt: moment, lockedUntil: optionalMoment }),
    ),
    createdAt: moment,
    updatedAt: moment,
  },
};

/** Makes the view: without the id, which is the database's own. */
export function endEntityView(details: EndEntityDetails): EndEntityView {
  const shown = Object.entries(details).filter(([field]) => field !== 'id');
  return Object.fromEntries(shown) as unknown as EndEntityView;
}
