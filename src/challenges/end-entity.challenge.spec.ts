import { challengeAlias, challengeCase } from '../../test/support/challenge-case';
import { challengeContract } from '../../test/support/challenge-contract';
import { enrolmentCodeContext } from '../end-entities/enrolment-code';
import { Verifier } from '../keys/verifier';
import { EndEntityChallenge } from './end-entity.challenge';

const verifier = new Verifier(Buffer.alloc(32, 7));
const kind = new EndEntityChallenge(verifier);
const endEntity = {
  id: '5',
  username: 'router-1',
  enrolmentCodeVerifier: verifier.compute(enrolmentCodeContext('5'), 'foo-123'),
};
const alias = challengeAlias();

describe('the challenge of kind end-entity', () => {
  challengeContract(() => ({
    kind,
    ask: (challengePassword) => challengeCase({ alias, challengePassword, endEntity }),
    right: 'foo-123',
    foreign: 'bar-456',
    secrets: [endEntity.enrolmentCodeVerifier.toString('hex')],
  }));

  it.each([
    ['is unknown', undefined],
    ['has no code', { ...endEntity, enrolmentCodeVerifier: null }],
    ['is another one', { ...endEntity, id: '6' }],
  ])('lets in nobody whose end entity %s', async (_, other) => {
    for (const challengePassword of ['', 'foo-123'])
      expect(kind.judge(await challengeCase({ alias, challengePassword, endEntity: other }))).toMatchObject({
        right: false,
      });
  });
});
