import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../common/clock';
import { hmacSha256 } from '../../common/digest';
import { OutboundClients } from '../../outbound/outbound-clients';
import type { ChallengeSecrets } from '../challenge';
import type { WebhookSettings } from './webhook-settings';

/** One thing that is said to the customer's service. */
export interface WebhookMessage {
  /** JSON. */
  readonly content: string;
  /** The same each time that the same thing is said. */
  readonly idempotencyKey: string;
  /** Milliseconds until the last octet of the answer. */
  readonly timeoutMs: number;
}

/** Where it is said. */
export interface WebhookTarget {
  readonly settings: WebhookSettings;
  readonly secrets: ChallengeSecrets;
  /** In place of that of the settings. */
  readonly url?: string;
}

/** More than any answer needs. */
const MAXIMUM_BYTES = 16_384;

/** How the customer's service is spoken to: signed, and with care for what comes back (docs/webhook.md). */
@Injectable()
export class WebhookChannel {
  constructor(
    private readonly clients: OutboundClients,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Says it once.
   * @returns the answer's JSON, whatever it holds
   * @throws OutboundError
   */
  async post(target: WebhookTarget, message: WebhookMessage): Promise<unknown> {
    return this.client(target).json(this.request(target, message));
  }

  /**
   * Says it once to who need not answer anything but a success.
   * @throws OutboundError
   */
  async notify(target: WebhookTarget, message: WebhookMessage): Promise<void> {
    await this.client(target).succeed(this.request(target, message));
  }

  private client({
    settings: { allowHttp, allowLoopback, caCertificates },
  }: WebhookTarget): ReturnType<OutboundClients['of']> {
    return this.clients.of({
      allowHttp,
      loopback: allowLoopback,
      ...(caCertificates !== '' && { caCertificates }),
    });
  }

  private request(
    target: WebhookTarget,
    { content, idempotencyKey, timeoutMs }: WebhookMessage,
  ): Parameters<ReturnType<OutboundClients['of']>['json']>[0] {
    const { settings, secrets, url = settings.url } = target;
    const timestamp = String(Math.floor(this.clock.now().getTime() / 1000));
    const secret = secrets.get('challenge.webhook.secret') ?? '';
    return {
      method: 'POST',
      url,
      headers: {
        'user-agent': 'scep-gateway',
        'idempotency-key': idempotencyKey,
        'scep-gateway-timestamp': timestamp,
        'scep-gateway-signature': webhookSignature(secret, timestamp, content),
        ...authorization(settings, secrets),
      },
      body: { type: 'application/json', content },
      timeoutMs,
      maximumBytes: MAXIMUM_BYTES,
    };
  }
}

/**
 * What `Scep-Gateway-Signature` says: HMAC-SHA-256 over the timestamp, a full stop and the body, as `v1=` and hex.
 * @param timestamp as it stands in `Scep-Gateway-Timestamp`: seconds since 1970
 */
const webhookSignature = (secret: string, timestamp: string, content: string): string =>
  `v1=${hmacSha256(secret, timestamp, '.', content).toString('hex')}`;

function authorization({ username }: WebhookSettings, secrets: ChallengeSecrets): Record<string, string> {
  const token = secrets.get('challenge.webhook.bearerToken');
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  const password = secrets.get('challenge.webhook.password');
  if (username === '' || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
