import { type ChallengeCase, type ChallengeKind, type ChallengeVerdict, RIGHT } from '../challenge';

/**
 * The certificate that the manufacturer built into the device: it signs the first request, and says which end entity the
 * device is. The challengePassword is not looked at: Cisco IOS asks for one in any case.
 */
export class ManufacturerChallenge implements ChallengeKind {
  readonly demandsPassword = false;
  readonly external = false;

  judge({ alias, builtIn }: ChallengeCase): ChallengeVerdict {
    if (builtIn !== undefined && builtIn.problem === undefined) return RIGHT;
    return {
      right: false,
      rule: 'challenge.manufacturer',
      explanation: `the request is not signed by a certificate under one of the roots in challenge.manufacturer.roots of alias ${alias.name}: ${builtIn?.problem ?? 'nobody has looked'}`,
      // Nothing can be guessed here.
      countsAsFailure: false,
      told: "the first request of a device is to be signed with its manufacturer's certificate here, and this one is not",
    };
  }
}
