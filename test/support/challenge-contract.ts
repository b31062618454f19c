import type { ChallengeCase, ChallengeKind, ChallengeVerdict, WrongChallenge } from '../../src/challenges/challenge';

/** One kind of challenge with whatever it is checked against. */
export interface ContractSubject {
  readonly kind: ChallengeKind;
  /**
   * A request with this challengePassword, as the gateway puts it before the kind: with all that it reads for it. All
   * requests of one subject are alike in everything else, and come at the same alias.
   */
  ask(challengePassword: string): ChallengeCase | Promise<ChallengeCase>;
  /** The challengePassword that is right. Of no account where the kind demands none. */
  readonly right: string;
  /** One that is right at another alias, or for somebody else, and so wrong here. Of no account likewise. */
  readonly foreign: string;
  /** What else must show nowhere: keys, tokens, what stands for the challengePassword in the database. */
  readonly secrets?: readonly string[];
}

const LONG = 'x'.repeat(10_240);

/** Nobody's challengePassword, however a kind looks at it. */
const wrongOnes = ({ right, foreign }: ContractSubject): [string, string][] => [
  ['nothing', ''],
  ['a blank', ' '],
  ['white space', ' \t\r\n\u00a0\u3000'],
  ['a NUL', '\0'],
  ['10 kB', LONG],
  ['10 kB behind the right one', right + LONG],
  ['the right one cut off by a NUL', `${right}\0`],
  ['the right one behind a NUL', `\0${right}`],
  ['the right one and another character', `${right}x`],
  ['the right one without its last character', right.slice(0, -1)],
  ['half a surrogate pair', '\ud800'],
  ['the name of a value', 'undefined'],
  ['another name of a value', 'null'],
  ['the mask of a secret', '********'],
  ['a field of every object', '__proto__'],
  ['SQL', "' or '1'='1"],
  ['what is right elsewhere', foreign],
];

/**
 * What every kind of challenge must do, whatever it is checked against. In the spec of a kind, beside its own tests:
 *
 * ```ts
 * describe('the challenge of kind static', () => {
 *   challengeContract(() => ({
 *     kind: new StaticChallenge(verifier),
 *     ask: (challengePassword) => challengeCase({ alias: challengeAlias({ kind: 'static' }, secrets), challengePassword }),
 *     right: 'right',
 *     foreign: 'of another alias',
 *   }));
 * });
 * ```
 *
 * A kind that asks a foreign service gets one in the same process. What shows only in a whole gateway (a repeat burns
 * nothing, failures are counted, the device is told the same) is in `enrolment-contract.ts`.
 *
 * @param make is called for each test, and may start things that the spec ends
 */
export function challengeContract(make: () => ContractSubject | Promise<ContractSubject>): void {
  let subject: ContractSubject;
  beforeEach(async () => {
    subject = await make();
  });

  const judge = async (challengePassword: string): Promise<ChallengeVerdict> =>
    subject.kind.judge(await subject.ask(challengePassword));
  const refusals = async (): Promise<[string, string, WrongChallenge][]> => {
    const verdicts: [string, string, WrongChallenge][] = [];
    for (const [what, challengePassword] of wrongOnes(subject)) {
      const verdict = await judge(challengePassword);
      if (!verdict.right) verdicts.push([what, challengePassword, verdict]);
    }
    return verdicts;
  };

  it('lets in who has the right one, and again when the request is judged anew', async () => {
    const asked = await subject.ask(subject.right);
    expect(await subject.kind.judge(asked)).toMatchObject({ right: true });
    expect(await subject.kind.judge(asked)).toMatchObject({ right: true });
  });

  it('lets in nobody else, or everybody where it demands no challengePassword', async () => {
    const names = (await refusals()).map(([what]) => what);
    expect(names).toEqual(subject.kind.demandsPassword ? wrongOnes(subject).map(([what]) => what) : []);
  });

  it('names the rule and explains each refusal, and shows no secret', async () => {
    const asOwn = [subject.right, subject.foreign, ...(subject.secrets ?? [])];
    for (const [, challengePassword, verdict] of await refusals()) {
      expect(verdict.rule).toMatch(/^[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+$/);
      expect(verdict.explanation).not.toBe('');
      const shown = JSON.stringify(verdict);
      for (const secret of [...asOwn, ...(challengePassword.length > 3 ? [challengePassword] : [])])
        expect(shown).not.toContain(secret);
    }
  });

  it('counts each guess, and tells whoever guesses one and the same', async () => {
    const verdicts = await refusals();
    for (const [, , verdict] of verdicts) expect(verdict.countsAsFailure).toBe(true);
    expect(new Set(verdicts.map(([, , { told }]) => told)).size).toBeLessThanOrEqual(1);
  });

  it('is asked in vain without harm: the right one is right after all that', async () => {
    await refusals();
    expect(await judge(subject.right)).toMatchObject({ right: true });
  });
}
