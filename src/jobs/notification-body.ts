import type { DueNotification } from '../notifications/notification-outbox';

/**
 * What the customer's service is told of an event, as JSON (docs/webhook.md).
 * @param alias its present name
 */
export function notificationBody(due: DueNotification, alias: string): string {
  const { certificate } = due;
  return JSON.stringify({
    version: 1,
    type: 'notification',
    idempotencyKey: due.key,
    event: due.event,
    alias,
    occurredAt: due.createdAt.toISOString(),
    ...due.details,
    ...(certificate && {
      endEntity: certificate.username,
      certificate: {
        authority: certificate.authority,
        serialNumber: certificate.serialNumber.toString('hex'),
        subject: certificate.subject,
        notBefore: certificate.notBefore.toISOString(),
        notAfter: certificate.notAfter.toISOString(),
        sha256: certificate.fingerprint.toString('hex'),
        der: certificate.der.toString('base64'),
      },
    }),
  });
}
