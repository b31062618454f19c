import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { Alias } from '../aliases/alias';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { AuditLog } from '../audit/audit-log';
import { WebhookChannel } from '../challenges/webhook/webhook-channel';
import { CLOCK, type Clock } from '../common/clock';
import { LOGGER, type Logger } from '../common/logger';
import { type DueNotification, NotificationOutbox } from '../notifications/notification-outbox';
import { OutboundError } from '../outbound/outbound-error';
import { notificationBody } from './notification-body';

/** So many are on their way at a time. */
const AT_ONCE = 8;

/** No run takes much longer: other jobs wait for its end. */
const RUN_MS = 15_000;

/** Longest that a service may take for one; it only has to say that it has got it. */
const TIMEOUT_MS = 5000;

const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** For so long it is tried, from the event on. */
const GIVEN_UP_AFTER_MS = 3 * 86_400_000;

/**
 * Tells customers' services what has happened: at least once, and of one certificate in the order in which it happened.
 * A service that does not answer is left alone until the next run.
 */
@Injectable()
export class NotificationDelivery {
  constructor(
    private readonly outbox: NotificationOutbox,
    private readonly aliases: AliasCatalogue,
    private readonly channel: WebhookChannel,
    private readonly auditLog: AuditLog,
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Delivers what is due. */
  async deliverDue(): Promise<void> {
    const end = this.clock.now().getTime() + RUN_MS;
    const silent = new Set<number>();
    while (this.clock.now().getTime() < end) {
      const due = await this.outbox.due(this.clock.now(), AT_ONCE, [...silent]);
      if (due.length === 0) return;
      await Promise.all(due.map((one) => this.deliver(one, silent)));
    }
  }

  private async deliver(due: DueNotification, silent: Set<number>): Promise<void> {
    const alias = (await this.aliases.get()).byId(due.aliasId);
    if (alias === undefined) {
      // This version cannot read it; another one may.
      silent.add(due.aliasId);
      return;
    }
    const { challenge, secrets, notifications } = alias;
    // By now nobody wants to know.
    if (!notifications.events.includes(due.event)) return this.outbox.forget(due);
    const { webhook: settings } = challenge;
    const url = notifications.url === '' ? settings.url : notifications.url;
    try {
      await this.channel.notify(
        { settings, secrets, url },
        {
          content: notificationBody(due, alias.name),
          idempotencyKey: due.key,
          timeoutMs: Math.min(settings.timeout, TIMEOUT_MS),
        },
      );
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      // The first of those that are on their way answers for all: two would lock the same rows in any order.
      const answersForAll = !concernsOne(error) && !silent.has(alias.id);
      if (answersForAll) silent.add(alias.id);
      return this.failed(due, alias, error, answersForAll);
    }
    await this.outbox.forget(due);
  }

  private async failed(
    due: DueNotification,
    alias: Alias,
    { message }: OutboundError,
    answersForAll: boolean,
  ): Promise<void> {
    const { event, key, attempts, createdAt } = due;
    const now = this.clock.now();
    const told = { alias: alias.name, event, notification: key, attempts: attempts + 1, reason: message };
    if (now.getTime() - createdAt.getTime() < GIVEN_UP_AFTER_MS) {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempts, LONGEST_PAUSE_MS);
      await this.outbox.postpone(due, new Date(now.getTime() + pause));
      this.logger.warn(told, 'a notification could not be delivered');
      return;
    }
    await this.dataSource.transaction(async (manager) => {
      const others = await this.giveUp(due, answersForAll, manager);
      const { alias: name, ...details } = told;
      const target = `aliases/${name}`;
      const entry = { actor: 'gateway', action: 'notification.give-up', target };
      await this.auditLog.append(manager, { ...entry, details: { ...details, ...(others > 0 && { others }) } });
    });
    this.logger.error(told, 'a notification was given up');
  }

  /**
   * Forgets it, and where the service is silent to all, all of the alias that are as old: one by one they would become more
   * faster than they are given up.
   * @returns how many others were forgotten
   */
  private async giveUp(due: DueNotification, answersForAll: boolean, manager: EntityManager): Promise<number> {
    await this.outbox.forget(due, manager);
    if (!answersForAll) return 0;
    const createdBefore = new Date(this.clock.now().getTime() - GIVEN_UP_AFTER_MS);
    return this.outbox.forgetOld(due.aliasId, createdBefore, manager);
  }
}

/** Whether the service has something against this one notification alone. */
const concernsOne = ({ fault, status = 0 }: OutboundError): boolean =>
  fault === 'status' && status < 500 && status !== 429;
