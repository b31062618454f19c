import { DerError } from '../../pki/der/der-error';
import type { Certificate } from '../../pki/x509/certificate';
import { pathProblem } from '../../pki/x509/path-validation';
import { type ManufacturerSettings, parseUsernameRule, readRoots } from './manufacturer-settings';

/** A message as far as it tells who made the device. */
export interface BuiltInSigner {
  /** Whose key signed the message; the signature was checked. */
  readonly signer: Certificate;
  /** All certificates in the message. */
  readonly certificates: readonly Certificate[];
  readonly receivedAt: Date;
}

/** The certificate that signed a message, where manufacturers vouch for devices. */
export interface BuiltIn {
  readonly certificate: Certificate;
  /** Why it is not known to be one that a listed manufacturer built in, for the administrator; undefined where it is. */
  readonly problem: string | undefined;
}

/** Whether the certificate that signed a message was built into the device by one of the listed manufacturers. */
export async function builtInOf(
  { roots, acceptExpired }: ManufacturerSettings,
  { signer, certificates, receivedAt }: BuiltInSigner,
): Promise<BuiltIn> {
  try {
    // As of its own end the others were valid, too, when it was made.
    const at = acceptExpired && signer.notAfter < receivedAt ? signer.notAfter : receivedAt;
    // The name is needed later.
    const names = signer.subject.isEmpty ? 'its subject is empty' : undefined;
    const path = { leaf: signer, others: certificates, anchors: readRoots(roots), at };
    return { certificate: signer, problem: names ?? (await pathProblem(path)) };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { certificate: signer, problem: `it cannot be read: ${error.message}` };
  }
}

/**
 * The user name that a device has by its certificate.
 * @returns undefined where the subject does not hold what the rule names
 */
export function builtInUsername({ username }: ManufacturerSettings, { subject }: Certificate): string | undefined {
  const rule = parseUsernameRule(username);
  if (rule === undefined) return undefined;
  const value = subject.first(rule.oid)?.trim();
  if (rule.label === undefined) return value === '' ? undefined : value;
  const prefix = `${rule.label}:`;
  return value
    ?.split(/\s+/)
    .find((word) => word.startsWith(prefix) && word.length > prefix.length)
    ?.slice(prefix.length);
}
