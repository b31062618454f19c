import { DerError } from '../../pki/der/der-error';
import type { CertificationRequest } from '../../pki/x509/certification-request';
import { comparableName } from '../../pki/x509/comparable-name';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { type GeneralName, readGeneralNames } from '../../pki/x509/general-name';
import { Oid } from '../../pki/x509/oid';
import type { OneTimeFacts } from './one-time-facts';

/** That a request asks for something else than its challenge is bound to. */
export interface Mismatch {
  readonly rule: 'challenge.oneTime.subject' | 'challenge.oneTime.subjectAltNames' | 'challenge.oneTime.username';
  /** For the administrator; names what was asked for, never the challenge. */
  readonly explanation: string;
}

/** What a challenge's binding is held against. */
export interface AskedFor {
  readonly certificationRequest: Pick<CertificationRequest, 'subject' | 'extensions'>;
  /** The user name that the request stands for. */
  readonly username: string;
  readonly operationalMode: 'CA' | 'RA';
  /** Whether it renews a certificate: then the end entity is there in RA mode, too. */
  readonly isRenewal: boolean;
}

/** Names that strangers send are shown that far. */
const LONGEST_SHOWN = 500;

type Binding = Pick<OneTimeFacts, 'subject' | 'subjectAltNames' | 'username'>;

/**
 * What a request asks for beyond its challenge's binding; undefined: nothing (VU#971035). The certificate profile is not
 * compared but decides by which one is issued.
 */
export function bindingMismatch(binding: Binding, asked: AskedFor): Mismatch | undefined {
  return subjectMismatch(binding, asked) ?? altNameMismatch(binding, asked) ?? usernameMismatch(binding, asked);
}

function subjectMismatch({ subject }: Binding, { certificationRequest }: AskedFor): Mismatch | undefined {
  if (subject === null || DistinguishedName.parse(subject).equals(certificationRequest.subject)) return undefined;
  return {
    rule: 'challenge.oneTime.subject',
    explanation: `the challenge is bound to the subject ${subject}, and the request is for ${certificationRequest.subject.abridged(LONGEST_SHOWN)}`,
  };
}

/** The names have to be the same ones, in any order: one that is missing may be what the certificate is for. */
function altNameMismatch({ subjectAltNames }: Binding, { certificationRequest }: AskedFor): Mismatch | undefined {
  if (subjectAltNames === null) return undefined;
  const asked = requestedNames(certificationRequest);
  if (asked === undefined) return altNames('the subjectAltNames of the request cannot be read');
  const bound = byComparison(subjectAltNames);
  const [extra] = [...asked].filter(([key]) => !bound.has(key));
  if (extra !== undefined)
    return altNames(
      `the challenge is bound to ${listed(subjectAltNames)}, and the request asks for ${listed([extra[1]])} as well`,
    );
  const [missing] = [...bound].filter(([key]) => !asked.has(key));
  if (missing === undefined) return undefined;
  return altNames(
    `the challenge is bound to ${listed(subjectAltNames)}, and the request lacks ${listed([missing[1]])}`,
  );
}

/**
 * In CA mode it is the end entity's that may enrol. A subject that is bound, too, has been compared already and may have
 * any CN; in RA mode the user name says what the end entity will be called, and in a renewal whose certificate may be renewed.
 */
function usernameMismatch({ username, subject }: Binding, asked: AskedFor): Mismatch | undefined {
  const compared = username !== null && subject === null && (asked.operationalMode === 'CA' || asked.isRenewal);
  if (!compared || username === asked.username) return undefined;
  return {
    rule: 'challenge.oneTime.username',
    explanation: `the challenge is bound to the end entity ${username}, and the request is for ${asked.username.slice(0, LONGEST_SHOWN)}`,
  };
}

const altNames = (explanation: string): Mismatch => ({ rule: 'challenge.oneTime.subjectAltNames', explanation });

const listed = (names: readonly GeneralName[]): string =>
  names.length === 0
    ? 'no subjectAltName'
    : names
        .map(({ type, value }) => `${type}:${value}`)
        .join(', ')
        .slice(0, LONGEST_SHOWN);

/** Names by what they are compared by. */
const byComparison = (names: readonly GeneralName[]): ReadonlyMap<string, GeneralName> =>
  new Map(names.map((name) => [comparableName(name), name]));

function requestedNames({
  extensions,
}: AskedFor['certificationRequest']): ReadonlyMap<string, GeneralName> | undefined {
  try {
    const requested = extensions.filter(({ oid }) => oid === Oid.subjectAltName);
    return byComparison(requested.flatMap(({ value }) => readGeneralNames(value)));
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
