import { Injectable } from '@nestjs/common';
import type { Job } from './job';
import { NotificationDelivery } from './notification-delivery';

const TEN_SECONDS_MS = 10_000;

/** Tells customers' services what has happened. Two at once would tell some of it twice, which is allowed. */
@Injectable()
export class NotificationJob implements Job {
  readonly name = 'notifications';
  readonly everyMs = TEN_SECONDS_MS;

  constructor(private readonly delivery: NotificationDelivery) {}

  run(): Promise<void> {
    return this.delivery.deliverDue();
  }
}
