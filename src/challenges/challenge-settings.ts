import type { FieldProblem } from '../common/checked-input';
import { DAILY_DEFAULTS, dailyProblems, type DailySettings } from './daily/daily-settings';
import { INTUNE_DEFAULTS, intuneProblems, type IntuneSettings, missingIntune } from './intune/intune-settings';
import {
  MANUFACTURER_DEFAULTS,
  manufacturerProblems,
  type ManufacturerSettings,
} from './manufacturer/manufacturer-settings';
import { ONE_TIME_DEFAULTS, oneTimeProblems, type OneTimeSettings } from './one-time/one-time-settings';
import { missingWebhook, WEBHOOK_DEFAULTS, webhookProblems, type WebhookSettings } from './webhook/webhook-settings';

/** The names of the kinds of challenge. */
export const CHALLENGE_KINDS = [
  'end-entity',
  'static',
  'daily',
  'one-time',
  'webhook',
  'intune',
  'manufacturer',
  'approval',
  'open',
] as const;

/** One of {@link CHALLENGE_KINDS}. */
export type ChallengeKindName = (typeof CHALLENGE_KINDS)[number];

/** What authenticates the requests of an alias, and the settings of each kind. Secrets are masked. */
export interface ChallengeSettings {
  readonly kind: ChallengeKindName;
  /** The one challengePassword of all requests, for the kind `static` in CA mode. */
  readonly password: string;
  readonly daily: DailySettings;
  readonly oneTime: OneTimeSettings;
  /** The customer's service, for the kind `webhook` and for notifications. */
  readonly webhook: WebhookSettings;
  readonly intune: IntuneSettings;
  readonly manufacturer: ManufacturerSettings;
}

/** What a field is when it is not given. */
export const CHALLENGE_DEFAULTS: ChallengeSettings = {
  kind: 'end-entity',
  password: '',
  daily: DAILY_DEFAULTS,
  oneTime: ONE_TIME_DEFAULTS,
  webhook: WEBHOOK_DEFAULTS,
  intune: INTUNE_DEFAULTS,
  manufacturer: MANUFACTURER_DEFAULTS,
};

/** Settings of an alias by which it tells who may enrol. */
export interface AuthenticatedSettings {
  readonly operationalMode: 'CA' | 'RA';
  readonly challenge: ChallengeSettings;
  readonly ra: { readonly authenticationPassword: string };
}

/**
 * What keeps these settings from authenticating anybody, by the name of the field: nothing may be served without an
 * authenticator (docs/alias-settings.md).
 * @param settings whole, with masked secrets: an empty one is not set
 */
export function missingAuthenticator({ operationalMode, challenge, ra }: AuthenticatedSettings): FieldProblem[] {
  const { kind, password, webhook, intune, manufacturer } = challenge;
  const inRaMode = operationalMode === 'RA';
  if (kind === 'static' && !inRaMode && password === '')
    return [{ field: 'challenge.password', message: 'must be set where challenge.kind is static' }];
  if (kind === 'static' && inRaMode && ra.authenticationPassword === '')
    return [{ field: 'ra.authenticationPassword', message: 'must be set in RA mode where challenge.kind is static' }];
  if (kind === 'webhook') return missingWebhook(webhook, 'where challenge.kind is webhook');
  if (kind === 'intune') return missingIntune(intune);
  if (kind === 'manufacturer' && manufacturer.roots.length === 0)
    return [{ field: 'challenge.manufacturer.roots', message: 'must be set where challenge.kind is manufacturer' }];
  return [];
}

/** What is wrong with the settings of any kind, also of those that are not in use. */
export const challengeProblems = ({
  daily,
  oneTime,
  webhook,
  intune,
  manufacturer,
}: ChallengeSettings): FieldProblem[] => [
  ...dailyProblems(daily),
  ...oneTimeProblems(oneTime),
  ...webhookProblems(webhook),
  ...intuneProblems(intune),
  ...manufacturerProblems(manufacturer),
];
