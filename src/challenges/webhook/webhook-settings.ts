import type { FieldProblem } from '../../common/checked-input';
import { outboundUrlProblem } from '../../outbound/outbound-url';
import { DerError } from '../../pki/der/der-error';
import { Certificate } from '../../pki/x509/certificate';
import { readPem } from '../../pki/x509/pem';

/** How the customer's service is reached, and how long it may take. Secrets are masked. */
export interface WebhookSettings {
  /** Empty: there is none. */
  readonly url: string;
  /** Signs what the service is sent. */
  readonly secret: string;
  /** For `Authorization: Bearer`. */
  readonly bearerToken: string;
  /** With `password` for `Authorization: Basic`. */
  readonly username: string;
  readonly password: string;
  /** PEM certificates of the CAs that the service's certificate is to be of; empty: the well-known ones. */
  readonly caCertificates: string;
  /** Whether the URL may be http. */
  readonly allowHttp: boolean;
  /** Whether the service may be on this machine. */
  readonly allowLoopback: boolean;
  /** Milliseconds for all attempts together. */
  readonly timeout: number;
  /** How often it is asked, at most, before the device is told to come again. */
  readonly attempts: number;
}

/** What a field is when it is not given. */
export const WEBHOOK_DEFAULTS: WebhookSettings = {
  url: '',
  secret: '',
  bearerToken: '',
  username: '',
  password: '',
  caCertificates: '',
  allowHttp: false,
  allowLoopback: false,
  timeout: 8000,
  attempts: 3,
};

/** The fields that are secret, by their dotted names in an alias. */
export const WEBHOOK_SECRET_FIELDS = [
  'challenge.webhook.secret',
  'challenge.webhook.bearerToken',
  'challenge.webhook.password',
] as const;

/** What is wrong with the settings, also where the webhook is not in use. */
export function webhookProblems(settings: WebhookSettings): FieldProblem[] {
  const { url, allowHttp, caCertificates, bearerToken, username, password } = settings;
  const urlProblem = url === '' ? undefined : outboundUrlProblem(url, allowHttp);
  const trustProblem = caCertificates === '' ? undefined : certificatesProblem(caCertificates);
  return [
    ...problem('url', urlProblem),
    ...problem('caCertificates', trustProblem),
    ...problem('username', bearerToken !== '' && username !== '' ? 'must not be set beside bearerToken' : undefined),
    ...problem(
      'password',
      (username === '') !== (password === '') ? 'goes with username, and username with it' : undefined,
    ),
  ];
}

/** What a webhook that is to be used lacks. */
export function missingWebhook({ url, secret }: WebhookSettings, why: string): FieldProblem[] {
  return [
    ...problem('url', url === '' ? `must be set ${why}` : undefined),
    ...problem('secret', secret === '' ? `must be set ${why}` : undefined),
  ];
}

function certificatesProblem(text: string): string | undefined {
  try {
    const blocks = readPem(text);
    if (blocks.length === 0) return 'must hold PEM certificates';
    for (const { label, der } of blocks) {
      if (label !== 'CERTIFICATE') return 'must hold certificates only';
      Certificate.read(der);
    }
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return 'must hold PEM certificates that can be read';
    throw error;
  }
}

const problem = (field: keyof WebhookSettings, message: string | undefined): FieldProblem[] =>
  message === undefined ? [] : [{ field: `challenge.webhook.${field}`, message }];
