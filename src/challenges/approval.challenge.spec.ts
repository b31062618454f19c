import { challengeAlias, challengeCase } from '../../test/support/challenge-case';
import { challengeContract } from '../../test/support/challenge-contract';
import { ApprovalChallenge } from './approval.challenge';

describe('the challenge of kind approval', () => {
  challengeContract(() => ({
    kind: new ApprovalChallenge(),
    ask: (challengePassword) => challengeCase({ alias: challengeAlias({ kind: 'approval' }), challengePassword }),
    right: 'any',
    foreign: 'any other',
  }));
});
