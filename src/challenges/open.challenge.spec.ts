import { challengeAlias, challengeCase } from '../../test/support/challenge-case';
import { challengeContract } from '../../test/support/challenge-contract';
import { OpenChallenge } from './open.challenge';

describe('the challenge of kind open', () => {
  challengeContract(() => ({
    kind: new OpenChallenge(),
    ask: (challengePassword) => challengeCase({ alias: challengeAlias({ kind: 'open' }), challengePassword }),
    right: 'any',
    foreign: 'any other',
  }));
});
