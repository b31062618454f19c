import { DerError } from '../pki/der/der-error';
import { generalNames, readGeneralNames } from '../pki/x509/general-name';
import type { SubjectAltNameType } from './certificate-profile';

/** A registered alternative name, in the text form of its type. */
export interface SubjectAltName {
  readonly type: SubjectAltNameType;
  readonly value: string;
}

// Looser than RFC 1123 by the underscore, which devices' host names have, and the wildcard.
const HOST_NAME =
  /^(?=.{1,253}$)(?:\*\.)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const MAILBOX = /^[^\s@]{1,64}@[^\s@]{1,253}$/;
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;

const FORMS: Partial<Record<SubjectAltNameType, { readonly form: RegExp; readonly message: string }>> = {
  dns: { form: HOST_NAME, message: 'must be a host name' },
  email: { form: MAILBOX, message: 'must be a mail address' },
  upn: { form: MAILBOX, message: 'must be a user principal name such as user@example.org' },
  uri: { form: ABSOLUTE_URI, message: 'must be an absolute URI' },
};

/**
 * The name as it is stored: as the codec reads it back, so that addresses have one spelling.
 *
 * @returns the name, or what is wrong with it
 */
export function checkedSubjectAltName(name: SubjectAltName): SubjectAltName | string {
  const rule = FORMS[name.type];
  if (rule !== undefined && !rule.form.test(name.value)) return rule.message;
  try {
    const [read] = readGeneralNames(generalNames([{ type: name.type, value: name.value }]));
    return { type: name.type, value: read?.value ?? name.value };
  } catch (error) {
    if (error instanceof DerError) return `must be a value of type ${name.type}`;
    throw error;
  }
}
