import { challengeAlias, challengeCase } from '../../../test/support/challenge-case';
import { challengeContract } from '../../../test/support/challenge-contract';
import type { BuiltIn } from './built-in-certificate';
import { ManufacturerChallenge } from './manufacturer.challenge';

const kind = new ManufacturerChallenge();
const alias = challengeAlias({ kind: 'manufacturer' });
const builtIn = (problem: string | undefined): BuiltIn => ({ certificate: undefined as never, problem });

describe('the challenge of kind manufacturer', () => {
  challengeContract(() => ({
    kind,
    ask: (challengePassword) => challengeCase({ alias, challengePassword, builtIn: builtIn(undefined) }),
    right: 'any',
    foreign: 'any other',
  }));

  it.each([
    ['whose certificate leads to no listed root', builtIn('no path'), /no path/],
    ['whose certificate nobody has looked at', undefined, /nobody has looked/],
  ])('refuses a request %s, and says so to the device: nothing can be guessed', async (_, found, explanation) => {
    const asked = await challengeCase({ alias, challengePassword: 'any', ...(found && { builtIn: found }) });
    expect(kind.judge(asked)).toMatchObject({
      right: false,
      rule: 'challenge.manufacturer',
      explanation: expect.stringMatching(explanation) as string,
      countsAsFailure: false,
      told: expect.stringContaining("manufacturer's certificate") as string,
    });
  });
});
