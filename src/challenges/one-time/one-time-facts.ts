import type { SubjectAltName } from '../../profiles/subject-alt-name';
import type { OneTimeState } from './one-time-challenge.entity';

/** The one-time challenge that a request holds, as it was read with the other facts. */
export interface OneTimeFacts {
  readonly id: string;
  readonly state: OneTimeState;
  readonly expiresAt: Date;
  /** When it ceased to be outstanding. */
  readonly closedAt: Date | null;
  /** Id of the request that has used it. */
  readonly usedBy: string | null;
  /** What it is bound to, see `OneTimeBinding`; null where it is not. */
  readonly subject: string | null;
  readonly subjectAltNames: readonly SubjectAltName[] | null;
  /** Name of the certificate profile. */
  readonly certificateProfile: string | null;
  readonly username: string | null;
}
