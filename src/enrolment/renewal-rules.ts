import { renewableFrom } from '../aliases/renewal-window';
import { ServiceError } from '../common/service-error';
import { mayRenew, statusName } from '../end-entities/end-entity-status';
import type { Certificate } from '../pki/x509/certificate';
import { after, parsePeriod } from '../profiles/period';
import { otherAuthority, type Rejection, secondShadow } from './admission';
import type { EndEntityFacts, RenewalFacts, RenewedFacts } from './enrolment-facts.reader';
import { type Renewal, type RequestedIssue, shadowStart } from './enrolment-request';
import { asksForSameSubject, unissuedAltName } from './renewed-names';

/**
 * Decides whether a request may renew the certificate that signed it; undefined means yes. The device is told the reason:
 * it has proved that it holds the key of the certificate. Whether the alias wants a challengePassword besides is judged
 * after that (`challenge-judgement.ts`).
 *
 * @param filledIn types of attributes (dotted) that the end entity's profile has added to what was asked for
 * @throws ServiceError `malformed-message` when the requested extensions cannot be read
 */
export function judgeRenewal(
  request: RequestedIssue,
  renewal: Renewal,
  { renewed, endEntity }: Pick<RenewalFacts, 'renewed' | 'endEntity'>,
  filledIn: readonly string[],
): Rejection | undefined {
  if (renewed?.certificate.equals(renewal.certificate.der) !== true)
    return refused(
      'renewal.certificate',
      'the certificate that signed the request was not issued by this service',
      `authority ${renewal.issuer.name} has issued no such certificate to an end entity`,
    );
  return (
    certificateProblem(request, renewal.certificate, renewed) ??
    windowProblem(request, renewal) ??
    endEntityProblem(request, renewal.certificate, renewed, endEntity) ??
    contentProblem(request, renewal.certificate, filledIn)
  );
}

/** What is wrong with the certificate itself. */
function certificateProblem(
  { alias, receivedAt }: RequestedIssue,
  { notBefore, notAfter }: Certificate,
  renewed: RenewedFacts,
): Rejection | undefined {
  if (renewed.alias !== alias.name && !alias.renewal.fromAliases.includes(renewed.alias ?? ''))
    return refused(
      'renewal.fromAliases',
      'the certificate was issued at another enrolment address: renew it there',
      `it was issued through alias ${renewed.alias ?? 'unknown'}, which renewal.fromAliases of alias ${alias.name} does not name`,
    );
  if (renewed.revokedAt !== null)
    return refused(
      'renewal.revoked',
      'the certificate is revoked: enrol again with a challengePassword',
      `it was revoked or put on hold at ${renewed.revokedAt.toISOString()}`,
    );
  if (receivedAt < notBefore)
    return refused(
      'renewal.not-yet-valid',
      'the certificate is not valid yet',
      `it is valid from ${notBefore.toISOString()}`,
    );
  const { graceAfterExpiry } = alias.renewal;
  if (receivedAt > withGrace(notAfter, graceAfterExpiry))
    return refused(
      'renewal.graceAfterExpiry',
      'the certificate has expired: enrol again with a challengePassword',
      `it expired at ${notAfter.toISOString()}, and renewal.graceAfterExpiry is ${graceAfterExpiry}`,
    );
  return undefined;
}

/** Whether it is too early. Before a rollover it is not: the certificate may end with its CA, and there may be many to go. */
function windowProblem(request: RequestedIssue, { certificate, cameInTime }: Renewal): Rejection | undefined {
  if (cameInTime || shadowStart(request) !== undefined) return undefined;
  const { window } = request.alias.renewal;
  const { notBefore, notAfter } = certificate;
  const from = renewableFrom(window, notBefore, notAfter);
  if (request.receivedAt >= from) return undefined;
  return refused(
    'renewal.window',
    `it is too early to renew the certificate: come again from ${from.toISOString()} on`,
    `renewal.window is ${window}`,
  );
}

/** What is wrong with whose certificate it is. */
function endEntityProblem(
  request: RequestedIssue,
  certificate: Certificate,
  renewed: RenewedFacts,
  endEntity: EndEntityFacts | undefined,
): Rejection | undefined {
  if (endEntity === undefined)
    return refused(
      'renewal.end-entity',
      'the certificate can no longer be renewed: ask the administrator',
      `end entity ${renewed.username} has been removed since the certificate was issued`,
    );
  const { username, status, latestSerialNumber } = endEntity;
  if (!mayRenew(status))
    return refused(
      'renewal.end-entity-status',
      'the certificate can no longer be renewed: ask the administrator',
      `end entity ${username} is in status ${statusName(status)}`,
    );
  if (latestSerialNumber?.toString('hex') !== certificate.serialHex)
    return refused(
      'renewal.latest-certificate',
      'a newer certificate was issued since: use that one to renew',
      `the latest certificate of end entity ${username} has the serial number ${latestSerialNumber?.toString('hex') ?? 'none'}`,
    );
  return otherAuthority(request, endEntity) ?? secondShadow(request, endEntity);
}

/** What is wrong with what is asked for. */
function contentProblem(
  { alias, certificationRequest: asked }: RequestedIssue,
  certificate: Certificate,
  filledIn: readonly string[],
): Rejection | undefined {
  const { allowOldKey, ignoredSubjectAttributes } = alias.renewal;
  if (!allowOldKey && asked.publicKey.equals(certificate.publicKey))
    return refused(
      'renewal.allowOldKey',
      'a renewal needs a new key, and the request is for the old one',
      `renewal.allowOldKey of alias ${alias.name} is false`,
    );
  if (!asksForSameSubject(asked, certificate, [...ignoredSubjectAttributes, ...filledIn]))
    return refused(
      'renewal.subject',
      'the subject of the request is not that of the certificate, which a renewal does not change',
      `asked for: ${asked.subject.toString()}; issued: ${certificate.subject.toString()}; register what the device asks for, let the alias issue it (subjectSource), or except attributes (renewal.ignoredSubjectAttributes)`,
    );
  const unissued = unissuedAltName(asked, certificate);
  if (unissued !== undefined)
    return refused(
      'renewal.subject-alt-names',
      'the request asks for a subjectAltName that the certificate has not, and a renewal adds none',
      `asked for: ${unissued.type}:${unissued.value}`,
    );
  return undefined;
}

/** The refusal of a renewal without the challengePassword that is demanded besides. */
export const challengeMissing = ({ name }: { readonly name: string }): Rejection =>
  refused(
    'challenge.missing',
    'a renewal needs a challengePassword here, and the request has none',
    `renewal.challengeRequired of alias ${name} is true`,
  );

function withGrace(notAfter: Date, grace: string): Date {
  const period = parsePeriod(grace);
  // It was checked when it was set.
  if (period === undefined) throw new Error(`"${grace}" is no period`);
  return after(notAfter, period);
}

const refused = (rule: string, detail: string, explanation: string): Rejection => ({
  error: new ServiceError('renewal-refused', detail, { rule, explanation: `${detail} (${explanation})` }),
  countsAsFailure: false,
});
