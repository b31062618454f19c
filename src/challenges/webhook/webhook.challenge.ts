import { Injectable } from '@nestjs/common';
import { hmacSha256 } from '../../common/digest';
import { ServiceError } from '../../common/service-error';
import { asStorable } from '../../common/storable-text';
import type { ChallengeCase, ChallengeKind, ChallengeVerdict } from '../challenge';
import type { WebhookAnswer } from './webhook-answer';
import { WebhookCaller, WebhookUnavailable } from './webhook-caller';
import { webhookQuestion } from './webhook-question';

const LONGEST_REASON = 1000;
/** What fits into a failInfoText that devices show. */
const LONGEST_TOLD = 200;

/** Shorter ones are found in texts that have nothing to do with them. */
const SHORTEST_SECRET = 4;

/** The customer's own service judges each request (docs/webhook.md). */
@Injectable()
export class WebhookChallenge implements ChallengeKind {
  readonly demandsPassword = true;
  readonly external = true;

  constructor(private readonly caller: WebhookCaller) {}

  async judge(asked: ChallengeCase): Promise<ChallengeVerdict> {
    const answer = await this.answer(asked);
    if (answer.decision === 'allow') return { right: true, ...(answer.content && { content: answer.content }) };
    const reason = shown(asked, answer.reason, LONGEST_REASON);
    const told = shown(asked, answer.told, LONGEST_TOLD);
    return {
      right: false,
      rule: 'challenge.webhook.denied',
      explanation: `the webhook of alias ${asked.alias.name} denies the request: ${reason === '' ? 'it gives no reason' : reason}`,
      countsAsFailure: true,
      ...(told !== '' && { told }),
    };
  }

  private async answer(asked: ChallengeCase): Promise<WebhookAnswer> {
    const { alias } = asked;
    const { secrets, challenge } = alias;
    const secret = secrets.get('challenge.webhook.secret') ?? '';
    const { webhook: settings } = challenge;
    try {
      // No alias is stored without; where one is all the same, nothing unsigned leaves.
      if (secret === '' || settings.url === '')
        throw new WebhookUnavailable('challenge.webhook.url', 'the webhook has no URL or no secret');
      const key = idempotencyKey(secret, asked);
      const name = JSON.stringify([alias.id, settings]);
      return await this.caller.ask(name, { settings, secrets }, webhookQuestion(asked, key), key);
    } catch (error) {
      if (!(error instanceof WebhookUnavailable)) throw error;
      const detail = 'the service that judges requests cannot be asked at the moment, try again later';
      throw new ServiceError('challenge-unavailable', detail, {
        rule: error.rule,
        explanation: withoutPassword(asked, error.message),
        cause: error,
      });
    }
  }
}

/**
 * The same for the same device asking for the same: transactionID, key, names, extensions and challengePassword. Under the
 * secret, for a password could be guessed from a mere hash of them.
 */
function idempotencyKey(secret: string, { alias, transactionID, certificationRequest }: ChallengeCase): string {
  const label = JSON.stringify(['idempotency', alias.id, transactionID]);
  return hmacSha256(secret, label, '\0', certificationRequest.info).toString('hex');
}

/** Words of the service, without the challengePassword that they may quote and what cannot be stored or seen; not too long. */
function shown(asked: ChallengeCase, words: string | undefined, longest: number): string {
  const safe = asStorable(withoutPassword(asked, words ?? '')).replaceAll(/\p{Cc}+/gu, ' ');
  return safe.trim().slice(0, longest);
}

const withoutPassword = ({ challengePassword }: ChallengeCase, text: string): string =>
  challengePassword.length < SHORTEST_SECRET ? text : text.replaceAll(challengePassword, '[challengePassword]');
