import { Injectable } from '@nestjs/common';

import { Verifier } from '../keys/verifier';
import { type ChallengeCase, type ChallengeKind, type ChallengeVerdict, RIGHT } from './challenge';

/** Which secret of an alias is the challengePassword of all; EJBCA's ra.authPwd in RA mode. */
export const staticPasswordField = (operationalMode: 'CA' | 'RA'): string =>
  operationalMode === 'RA' ? 'ra.authenticationPassword' : 'challenge.password';

/** One challengePassword for all requests of an alias, as an MDM or RA that knows no other sends it. */
@Injectable()
export class StaticChallenge implements ChallengeKind {
  readonly demandsPassword = true;
  readonly external = false;

  constructor(private readonly verifier: Verifier) {}

  judge({ alias, challengePassword }: ChallengeCase): ChallengeVerdict {
    const field = staticPasswordField(alias.operationalMode);
    const secret = alias.secrets.get(field) ?? '';
    // Not even where something has let a blank one in: nothing is no secret.
    if (secret.trim() !== '' && this.equal(alias.id, secret, challengePassword)) return RIGHT;
    return {
      right: false,
      rule: 'challenge.wrong',
      explanation: `the challengePassword is not that of alias ${alias.name} (${field})`,
      countsAsFailure: true,
    };
  }

  /** In a time that tells nothing of either, not even its length. */
  private equal(aliasId: number, secret: string, given: string): boolean {
    const context = `aliases/${aliasId}/static-challenge`;
    return this.verifier.matches(context, given, this.verifier.compute(context, secret));
  }
}
