import { isStorable } from '../../common/storable-text';
import { DerError } from '../../pki/der/der-error';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { GENERAL_NAME_TYPES } from '../../pki/x509/general-name';
import { checkedSubjectAltName, type SubjectAltName } from '../../profiles/subject-alt-name';
import type { ChallengeContent } from '../challenge';

/** What the customer's service has answered. */
export type WebhookAnswer =
  | { readonly decision: 'allow'; readonly content: ChallengeContent | undefined }
  | {
      readonly decision: 'deny';
      /** For the administrator. Whatever the service has written, also the challengePassword, of any length. */
      readonly reason: string | undefined;
      /** For the device; likewise. */
      readonly told: string | undefined;
    };

/** What is wrong with an answer, for the administrator; it repeats nothing of the answer. */
export class WebhookAnswerError extends Error {}

const LONGEST_NAME = 64;
const LONGEST_SUBJECT = 1024;
const MOST_ALT_NAMES = 100;

/**
 * Reads an answer (docs/webhook.md). A field that is not known is a mistake: an answer that says more than we understand
 * must not be obeyed in part.
 * @throws WebhookAnswerError
 */
export function readWebhookAnswer(answer: unknown): WebhookAnswer {
  const { decision } = recordOf(answer, 'the answer');
  if (decision === 'allow') {
    const { content } = known(answer, 'the answer', ['decision', 'content']);
    return { decision, content: content === undefined ? undefined : readContent(content) };
  }
  if (decision === 'deny') {
    const { reason, told } = known(answer, 'the answer', ['decision', 'reason', 'told']);
    return { decision, reason: anyText(reason, 'reason'), told: anyText(told, 'told') };
  }
  throw new WebhookAnswerError('decision is neither "allow" nor "deny"');
}

function readContent(value: unknown): ChallengeContent {
  const given = known(value, 'content', ['subject', 'subjectAltNames', 'certificateProfile']);
  const subject = text(given.subject, 'content.subject', LONGEST_SUBJECT);
  const certificateProfile = text(given.certificateProfile, 'content.certificateProfile', LONGEST_NAME);
  if (certificateProfile === '') throw new WebhookAnswerError('content.certificateProfile is empty');
  return {
    subject: subject === undefined ? undefined : readSubject(subject),
    subjectAltNames: given.subjectAltNames === undefined ? undefined : readAltNames(given.subjectAltNames),
    certificateProfile,
  };
}

function readSubject(subject: string): DistinguishedName {
  try {
    return DistinguishedName.parse(subject);
  } catch (error) {
    if (error instanceof DerError) throw new WebhookAnswerError('content.subject is no name such as "CN=a,O=b"');
    throw error;
  }
}

function readAltNames(value: unknown): SubjectAltName[] {
  if (!Array.isArray(value) || value.length > MOST_ALT_NAMES)
    throw new WebhookAnswerError(`content.subjectAltNames is no list of ${MOST_ALT_NAMES} at most`);
  return value.map((name: unknown, index) => {
    const where = `content.subjectAltNames[${index}]`;
    const { type, value: name_ } = known(name, where, ['type', 'value']);
    const known_ = GENERAL_NAME_TYPES.find((one) => one === type);
    if (known_ === undefined) throw new WebhookAnswerError(`${where}.type is none of ${GENERAL_NAME_TYPES.join(', ')}`);
    const checked = checkedSubjectAltName({
      type: known_,
      value: text(name_, `${where}.value`, LONGEST_SUBJECT) ?? '',
    });
    if (typeof checked === 'string') throw new WebhookAnswerError(`${where}.value ${checked}`);
    return checked;
  });
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WebhookAnswerError(`${what} is no JSON object`);
  return value as Record<string, unknown>;
}

/** The fields of an object that has none but these; null says the same as absent. */
function known<Field extends string>(
  value: unknown,
  what: string,
  fields: readonly Field[],
): Partial<Record<Field, unknown>> {
  const record = recordOf(value, what);
  if (Object.keys(record).some((key) => !(fields as readonly string[]).includes(key)))
    throw new WebhookAnswerError(`${what} has a field that is none of ${fields.join(', ')}`);
  return Object.fromEntries(fields.map((field) => [field, record[field] ?? undefined])) as Partial<
    Record<Field, unknown>
  >;
}

/** A denial is one whatever its words are. */
function anyText(value: unknown, what: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new WebhookAnswerError(`${what} is no text`);
}

/** A text without control characters; undefined where there is none. */
function text(value: unknown, what: string, longest: number): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > longest)
    throw new WebhookAnswerError(`${what} is no text of ${longest} characters at most`);
  if (!isStorable(value) || /\p{Cc}/u.test(value)) throw new WebhookAnswerError(`${what} has a control character`);
  return value;
}
