import { ALIAS_DEFAULTS } from '../../src/aliases/alias';
import type { EnrolmentReply } from '../../src/client/enrolment-message';
import type { EnrolmentScene } from './enrolment-scene';

/** A kind of challenge at an alias of a gateway. */
export interface EnrolmentContractSubject {
  readonly scene: EnrolmentScene;
  readonly alias: string;
  /** Registers an end entity and gets a challengePassword that is right for it, another one each time where the kind has such. */
  readonly admit: (username: string) => Promise<string>;
  /** A challengePassword that was right at another alias, or for somebody else. */
  readonly foreign: () => Promise<string>;
}

/** What the device learns of a refusal. */
const told = (reply: EnrolmentReply): unknown =>
  reply.pkiStatus === 'FAILURE' ? [reply.failInfo, reply.failInfoText] : reply.pkiStatus;
const serialOf = (reply: EnrolmentReply): string =>
  reply.pkiStatus === 'SUCCESS' ? reply.certificate.serialHex : reply.pkiStatus;

const { failedAttempts, failedAttemptsPerSource, lockoutFor } = ALIAS_DEFAULTS.limits;
/** Whatever a wrong challenge counts against, so many are too many. */
const LIMIT = Math.max(failedAttempts, failedAttemptsPerSource);

let counter = 0;
const freshName = (): string => `contract-${(counter += 1)}`;

/**
 * What every kind of challenge that demands a challengePassword must do in a whole gateway, by HTTP; `challenge-contract.ts`
 * has the rest. For the e2e spec of a kind, in a `describe`; the gateway is the spec's.
 *
 * @param subject is called when the tests run, when the gateway stands
 */
export function enrolmentContract(subject: () => EnrolmentContractSubject): void {
  it('lets a device enrol, and gives it the same certificate again for nothing', async () => {
    const { scene, alias, admit } = subject();
    const username = freshName();
    const message = await scene.message(`CN=${username}`, await admit(username), {}, alias);
    const first = await scene.send(message, alias);
    expect(first.pkiStatus).toBe('SUCCESS');
    const count = await scene.certificates();
    expect(serialOf(await scene.send(message, alias))).toBe(serialOf(first));
    expect(await scene.certificates()).toBe(count);
  });

  it('refuses all that is wrong by one text, and writes none of it down', async () => {
    const { scene, alias, admit, foreign } = subject();
    const username = freshName();
    const right = await admit(username);
    const wrong = ['wrong', `${right}x`, 'y'.repeat(10_240)];
    const replies: EnrolmentReply[] = [];
    for (const challengePassword of [...wrong, await foreign()])
      replies.push(await scene.enrol(`CN=${username}`, challengePassword, {}, alias));
    expect(replies[0]).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    expect(new Set(replies.map((reply) => JSON.stringify(told(reply)))).size).toBe(1);
    const log = JSON.stringify(await scene.log());
    for (const secret of [right, `${right}x`, 'y'.repeat(200)]) expect(log).not.toContain(secret);
  });

  it('wants a challengePassword', async () => {
    const { scene, alias, admit } = subject();
    const username = freshName();
    await admit(username);
    for (const nothing of ['', ' '])
      expect(await scene.enrol(`CN=${username}`, nothing, {}, alias)).toMatchObject({ pkiStatus: 'FAILURE' });
  });

  it('counts guesses, and locks out the source that makes too many', async () => {
    const { scene, alias, admit } = subject();
    const username = freshName();
    const right = await admit(username);
    for (let guess = 1; guess <= LIMIT; guess++) await scene.enrol(`CN=${username}`, `guess-${guess}`, {}, alias);
    expect(await scene.enrol(`CN=${username}`, right, {}, alias)).toMatchObject({ pkiStatus: 'FAILURE' });
    expect((await scene.log())[0]?.rule).toMatch(/^limits\.lockout-of-source/);
    // All devices of a test come from one address.
    scene.clock.advance({ seconds: lockoutFor });
    expect(await scene.enrol(`CN=${username}`, right, {}, alias)).toMatchObject({ pkiStatus: 'SUCCESS' });
  });
}
