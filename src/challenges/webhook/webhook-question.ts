import { DerError } from '../../pki/der/der-error';
import type { CertificationRequest } from '../../pki/x509/certification-request';
import { readExtendedKeyUsage, readKeyUsage } from '../../pki/x509/extension';
import { readGeneralNames } from '../../pki/x509/general-name';
import { Oid } from '../../pki/x509/oid';
import { requestedTemplates } from '../../pki/x509/requested-template';
import type { ChallengeCase } from '../challenge';

/**
 * The question to the customer's service as JSON (docs/webhook.md). It holds the challengePassword: the service is who
 * judges it.
 * @param idempotencyKey the same whenever the device sends this request again
 */
export function webhookQuestion(asked: ChallengeCase, idempotencyKey: string): string {
  const { alias, certificationRequest: request, endEntity } = asked;
  const { publicKey } = request;
  return JSON.stringify({
    version: 1,
    type: 'challenge',
    idempotencyKey,
    alias: alias.name,
    transactionID: asked.transactionID,
    requestId: asked.requestId,
    receivedAt: asked.receivedAt.toISOString(),
    source: asked.source,
    renewal: asked.isRenewal,
    endEntity: endEntity?.username ?? null,
    challengePassword: asked.challengePassword,
    certificationRequest: {
      der: request.der.toString('base64'),
      subject: request.subject.toString(),
      subjectAltNames: readable(() => extensionOf(request, Oid.subjectAltName, readGeneralNames) ?? []),
      publicKey: {
        type: publicKey.type,
        bits: publicKey.bits,
        curve: publicKey.curve ?? null,
        sha256: publicKey.hash.toString('hex'),
      },
      keyUsage: readable(() => [...(extensionOf(request, Oid.keyUsage, readKeyUsage) ?? [])]),
      extendedKeyUsage: readable(() => extensionOf(request, Oid.extKeyUsage, readExtendedKeyUsage) ?? []),
      templates: readable(() => requestedTemplates(request)),
    },
  });
}

function extensionOf<T>(request: CertificationRequest, oid: string, read: (value: Buffer) => T): T | undefined {
  const extension = request.extensions.find((candidate) => candidate.oid === oid);
  return extension && read(extension.value);
}

/** What an extension says; null where it cannot be read, and the service has only the request itself to judge by. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}
