import { Module } from '@nestjs/common';
import { NotificationOutbox } from './notification-outbox';

/** What is still to be told to customers' services. Needs the database's providers globally. */
@Module({ providers: [NotificationOutbox], exports: [NotificationOutbox] })
export class NotificationsModule {}
