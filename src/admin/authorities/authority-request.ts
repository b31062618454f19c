import type { ImportedAuthority, NewAuthority } from '../../authorities/authority.service';
import type { StoredAuthoritySettings } from '../../authorities/authority-settings';
import { invalidInput, type FieldProblem } from '../../common/checked-input';
import { withoutAbsent } from '../../common/settings';
import type { NewAuthorityBody } from './authority.body';

/** What a request for a new authority asks for. */
export type AuthorityRequest =
  | { readonly kind: 'create'; readonly request: NewAuthority }
  | { readonly kind: 'import'; readonly request: ImportedAuthority };

/** Fields of one kind of request that mean nothing in the other. */
const CREATE_ONLY = ['subject', 'keyAlgorithm', 'validityDays', 'issuer', 'externalIssuer'] as const;
const IMPORT_ONLY = ['password', 'chain'] as const;

/** Tells creation from import, and finds fields that do not go together. Throws ServiceError `invalid-input`. */
export function authorityRequest(input: NewAuthorityBody): AuthorityRequest {
  const { name } = input;
  const common = {
    name,
    description: input.description ?? undefined,
    settings: withoutAbsent(input.settings ?? {}) as StoredAuthoritySettings,
  };
  if (isGiven(input.pkcs12)) {
    refuse(given(input, CREATE_ONLY, 'does not go together with pkcs12'));
    const pkcs12 = Buffer.from(input.pkcs12, 'base64');
    const request = { ...common, pkcs12, password: input.password ?? '', chain: input.chain ?? undefined };
    return { kind: 'import', request };
  }
  const subject = input.subject ?? '';
  refuse([
    ...given(input, IMPORT_ONLY, 'only goes together with pkcs12'),
    ...(subject === '' ? [{ field: 'subject', message: 'must be given, or pkcs12 to import an authority' }] : []),
    ...(input.externalIssuer === true
      ? given(input, ['issuer', 'validityDays'], 'does not go together with externalIssuer')
      : []),
  ]);
  return {
    kind: 'create',
    request: {
      ...common,
      subject,
      keyAlgorithm: input.keyAlgorithm ?? undefined,
      validityDays: input.validityDays ?? undefined,
      issuer: issuerOf(input),
    },
  };
}

function issuerOf({ issuer, externalIssuer }: NewAuthorityBody): NewAuthority['issuer'] {
  if (externalIssuer === true) return 'external';
  return isGiven(issuer) ? { authority: issuer } : undefined;
}

function given(input: NewAuthorityBody, fields: readonly (keyof NewAuthorityBody)[], message: string): FieldProblem[] {
  return fields.filter((field) => isGiven(input[field])).map((field) => ({ field, message }));
}

function refuse(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw invalidInput(problems);
}

const isGiven = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null;
