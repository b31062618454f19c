import type { ChallengeKindName } from '../challenges/challenge-settings';
import { sha256 } from '../common/digest';
import { Oid } from '../pki/x509/oid';
import { type EnrolmentRequest, shadowStart } from './enrolment-request';

const framed = (part: Buffer | string): Buffer[] => {
  const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
};

/**
 * Identity of a request in the ledger: SHA-256 over all that makes a later request a repeat of an earlier one. These are
 * the alias, the transactionID, the message type, the generation it is addressed to, and the requested content: public
 * key, subject, extensions, and for a renewal the certificate that is renewed: the next renewal of a client that keeps
 * key, subject and transactionID is signed by another one and no repeat. Likewise the certificate that a manufacturer built
 * in, which says whose request it is. The challengePassword is no part of it (a one-time one differs at each try), nor is the
 * transactionID alone enough: sscep, strongSwan and jscep derive it from the key, micromdm uses it again for a renewal.
 */
export function ledgerKey(request: EnrolmentRequest): Buffer {
  return sha256(
    ...framed(`${request.alias.id}/${request.addressed.id}/${request.messageType}/${provenBy(request)}`),
    ...framed(request.transactionID),
    ...content(request),
  );
}

/**
 * Identity of what an end entity asks for: SHA-256 over the requested content and who asks. Requests that are alike in
 * it wait for one officer's decision, whatever their transactionIDs, and whether they are addressed to the current generation
 * or the previous one; a request to the next generation is for another certificate.
 * One whose answer will be encrypted with its own challengePassword shares with no other, unless that is the one that all
 * requests of the end entity have.
 *
 * @param endEntity which, and how often it had been put back to NEW
 */
export function contentHash(
  request: EnrolmentRequest,
  endEntity: { readonly id: string; readonly epoch: number },
): Buffer {
  const { alias, renewal, answeredByPassword } = request;
  const shadow = shadowStart(request) === undefined ? '' : request.generation.id;
  const anyPassword =
    !ONE_PASSWORD_KINDS.includes(alias.challenge.kind) || (renewal !== undefined && !alias.renewal.challengeRequired);
  const ownPassword = answeredByPassword && anyPassword;
  return sha256(
    ...framed(ownPassword ? request.transactionID : ''),
    ...framed(`${alias.id}/${request.authority.id}/${provenBy(request)}/${endEntity.id}/${endEntity.epoch}/${shadow}`),
    ...framed(request.signerKey.spki),
    ...content(request),
  );
}

/** Where all requests of an end entity have the same challengePassword. */
const ONE_PASSWORD_KINDS: readonly ChallengeKindName[] = ['end-entity', 'static'];

/** The certificate that the request is granted for: the one that is renewed, or the one that the manufacturer built in. */
const provenBy = ({ renewal, builtIn }: EnrolmentRequest): string =>
  (renewal ?? builtIn)?.certificate.fingerprint('sha256').toString('hex') ?? '';

// A subjectKeyIdentifier asks for nothing: the issuer makes its own from the key. certmonger sends another one each time.
const content = ({ certificationRequest: csr }: EnrolmentRequest): Buffer[] => [
  ...framed(csr.publicKey.spki),
  ...framed(csr.subject.raw),
  ...csr.extensions
    .filter(({ oid }) => oid !== Oid.subjectKeyIdentifier)
    .flatMap((extension) => [
      ...framed(extension.oid),
      Buffer.of(extension.critical ? 1 : 0),
      ...framed(extension.value),
    ]),
];
