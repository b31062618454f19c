import { challengeAlias, challengeCase } from '../../test/support/challenge-case';
import { challengeContract } from '../../test/support/challenge-contract';
import { Verifier } from '../keys/verifier';
import { StaticChallenge } from './static.challenge';

const kind = new StaticChallenge(new Verifier(Buffer.alloc(32, 7)));

describe('the challenge of kind static', () => {
  const alias = challengeAlias({ kind: 'static' }, { 'challenge.password': 'Static-1' });
  challengeContract(() => ({
    kind,
    ask: (challengePassword) => challengeCase({ alias, challengePassword }),
    right: 'Static-1',
    foreign: 'Static-2',
  }));

  it.each(['static-1', ' Static-1', 'Static-1 ', '\u0053tatic‑1'])('is compared as it is: not %j', async (given) => {
    expect(kind.judge(await challengeCase({ alias, challengePassword: given }))).toMatchObject({ right: false });
  });

  it("is the RA's own in RA mode", async () => {
    const secrets = { 'challenge.password': 'Static-1', 'ra.authenticationPassword': 'RA-1' };
    const inRaMode = challengeAlias({ kind: 'static' }, secrets, { operationalMode: 'RA' });
    expect(kind.judge(await challengeCase({ alias: inRaMode, challengePassword: 'RA-1' }))).toEqual({ right: true });
    expect(kind.judge(await challengeCase({ alias: inRaMode, challengePassword: 'Static-1' }))).toMatchObject({
      right: false,
    });
  });

  it.each([
    ['is not set', {}],
    ['is empty', { 'challenge.password': '' }],
  ])('lets in nobody where the secret %s', async (_, secrets: Record<string, string>) => {
    const none = challengeAlias({ kind: 'static' }, secrets);
    for (const challengePassword of ['', ' ', 'undefined', '********'])
      expect(kind.judge(await challengeCase({ alias: none, challengePassword }))).toMatchObject({ right: false });
  });
});
