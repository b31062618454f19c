import { ArrayUnique, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

/** What a customer's service can be told of. */
const NOTIFICATION_EVENTS = ['issued', 'refused', 'revoked'] as const;

/** One of {@link NOTIFICATION_EVENTS}. */
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number];

/** `notifications` of an alias: of what its customer's service is told, whatever its challenge is (docs/webhook.md). */
export interface NotificationSettings {
  readonly events: readonly NotificationEvent[];
  /** Where to, if not to the URL of the webhook. */
  readonly url: string;
}

/** What a field of {@link NotificationSettings} is when it is not given. */
export const NOTIFICATION_DEFAULTS: NotificationSettings = { events: [], url: '' };

/** `notifications` of an alias as it is given. */
export class NotificationsInput {
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(NOTIFICATION_EVENTS, { each: true })
  events?: NotificationEvent[];

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  url?: string;
}
