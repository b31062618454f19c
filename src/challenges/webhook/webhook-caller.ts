import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { OutboundError } from '../../outbound/outbound-error';
import { TIMER, type Timer } from '../../outbound/timer';
import { CircuitBreaker } from './circuit-breaker';
import { readWebhookAnswer, type WebhookAnswer, WebhookAnswerError } from './webhook-answer';
import { WebhookChannel, type WebhookTarget } from './webhook-channel';

/** So many requests of this process wait for one service at most: the others of its aliases are not to wait with them. */
export const MOST_WAITING = 64;

/** More than any gateway has. */
const MOST_SERVICES = 1000;

/** Pause before the second attempt, in milliseconds; before each further one twice as long. */
const FIRST_PAUSE_MS = 200;

/** HTTP statuses that may be gone a moment later, besides those of 500 and more. */
const PASSING_STATUSES: readonly (number | undefined)[] = [408, 425, 429];

/** Why the customer's service has given no answer, for the administrator. */
export class WebhookUnavailable extends Error {
  /** @param rule names it in the request log */
  constructor(
    readonly rule: string,
    message: string,
  ) {
    super(message);
  }
}

/** What is known of one service in this process. */
interface Service {
  readonly breaker: CircuitBreaker;
  waiting: number;
}

/** Asks the customer's service, more than once if it must, and not at all where that is of no use. */
@Injectable()
export class WebhookCaller {
  private readonly services = new Map<string, Service>();

  constructor(
    private readonly channel: WebhookChannel,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(TIMER) private readonly timer: Timer,
  ) {}

  /**
   * The service's answer.
   * @param name of the service, for its circuit breaker: whose settings are other has one of its own
   * @param content the question, JSON
   * @throws WebhookUnavailable
   */
  async ask(name: string, target: WebhookTarget, content: string, idempotencyKey: string): Promise<WebhookAnswer> {
    const service = this.service(name);
    if (service.waiting >= MOST_WAITING)
      throw new WebhookUnavailable(
        'challenge.webhook.overloaded',
        `${MOST_WAITING} requests wait for the webhook already`,
      );
    const leave = service.breaker.enter();
    if (!leave.allowed) {
      const { until, lastFailure } = leave;
      const again = until === undefined ? 'one request is trying it' : `it is tried again at ${until.toISOString()}`;
      throw new WebhookUnavailable(
        'challenge.webhook.circuit-open',
        `the webhook has failed too often; ${again}; ${lastFailure}`,
      );
    }
    service.waiting++;
    try {
      const answer = await this.persist(target, content, idempotencyKey);
      service.breaker.answered();
      return answer;
    } catch (error) {
      const unavailable = unavailableBy(error);
      if (isDown(error)) service.breaker.failed(unavailable?.message ?? '');
      else service.breaker.answered();
      throw unavailable ?? error;
    } finally {
      service.waiting--;
    }
  }

  private async persist(target: WebhookTarget, content: string, idempotencyKey: string): Promise<WebhookAnswer> {
    const { timeout, attempts } = target.settings;
    const end = this.clock.now().getTime() + timeout;
    const left = (): number => end - this.clock.now().getTime();
    for (let attempt = 1; ; attempt++)
      try {
        return readWebhookAnswer(await this.channel.post(target, { content, idempotencyKey, timeoutMs: left() }));
      } catch (error) {
        const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1);
        if (!(error instanceof OutboundError) || !mayPass(error) || attempt >= attempts || left() <= pause) throw error;
        await new Promise<void>((resolve) => this.timer.after(pause, resolve));
      }
  }

  private service(name: string): Service {
    const present = this.services.get(name);
    if (present !== undefined) return present;
    // Each change of the settings makes one: those that are not used any more are forgotten with all the others.
    if (this.services.size >= MOST_SERVICES) this.services.clear();
    const service = { breaker: new CircuitBreaker(this.clock), waiting: 0 };
    this.services.set(name, service);
    return service;
  }
}

/** Whether the service is down. One that answers nonsense is not: who sends it strange requests must not get it shut off. */
const isDown = (error: unknown): boolean =>
  error instanceof OutboundError && (mayPass(error) || error.fault === 'timeout');

/** Whether another attempt may fare better. */
function mayPass({ fault, status }: OutboundError): boolean {
  if (fault === 'connection' || fault === 'unknown-name') return true;
  return fault === 'status' && ((status ?? 0) >= 500 || PASSING_STATUSES.includes(status));
}

function unavailableBy(error: unknown): WebhookUnavailable | undefined {
  if (error instanceof OutboundError) return new WebhookUnavailable(`challenge.webhook.${error.fault}`, error.message);
  if (error instanceof WebhookAnswerError)
    return new WebhookUnavailable(
      'challenge.webhook.malformed',
      `the webhook's answer makes no sense: ${error.message}`,
    );
  return undefined;
}
