import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError, type ValidatorOptions } from 'class-validator';
import { ServiceError } from './service-error';
import { isStorable } from './storable-text';

/** One mistake in what was given: a path such as `limits.failedAttempts` and what is wrong there, never the value. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** How all input is checked: what no class declares is a mistake, and no value finds its way into an error. */
export const INPUT_RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: false, value: false },
} as const satisfies ValidatorOptions;

// The name of an unknown field is what the caller typed: it is repeated, so that it can be found, but not at any length.
const LONGEST_NAME = 64;
// More than any input of ours has.
const DEEPEST = 16;

/**
 * The input as an instance of its class, all of whose class-validator rules hold.
 *
 * @param type whose decorators say what is allowed
 * @param raw any JSON value
 * @throws ServiceError `invalid-input` that names all mistakes at once
 */
export function checkedInput<T extends object>(type: new () => T, raw: unknown): T {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw invalidInput([{ field: '', message: 'must be a JSON object' }]);
  const unusable = unusableParts(raw, '', DEEPEST);
  if (unusable.length > 0) throw invalidInput(unusable);
  const instance = plainToInstance(type, raw);
  const problems = fieldProblems(validateSync(instance, INPUT_RULES));
  if (problems.length > 0) throw invalidInput(problems);
  return instance;
}

/** All mistakes that class-validator found, the nested ones by their path. */
export function fieldProblems(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const field = pathOf(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
      field,
      message: rule === 'whitelistValidation' ? 'there is no such field' : message,
    }));
    return [...own, ...fieldProblems(error.children ?? [], field)];
  });
}

/** The error for mistakes that no decorator can find, in the same form as {@link checkedInput}'s. */
export function invalidInput(problems: readonly FieldProblem[]): ServiceError {
  const count = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
  return new ServiceError('invalid-input', `the input has ${count}, see errors`, { fields: problems });
}

function pathOf(parent: string, property: string): string {
  const name = property.length > LONGEST_NAME ? `${property.slice(0, LONGEST_NAME)}…` : property;
  if (parent === '') return name;
  return /^\d+$/.test(name) ? `${parent}[${name}]` : `${parent}.${name}`;
}

/**
 * What no class could take: texts that cannot be stored, and what is nested so deeply that those who walk through it
 * below, by calling themselves, would run out of stack.
 */
function unusableParts(value: unknown, path: string, depth: number): FieldProblem[] {
  if (typeof value === 'string')
    return isStorable(value) ? [] : [{ field: path, message: 'holds a character that cannot be stored' }];
  if (typeof value !== 'object' || value === null) return [];
  if (depth === 0) return [{ field: '', message: 'is nested too deeply' }];
  return Object.entries(value).flatMap(([name, part]) => unusableParts(part, pathOf(path, name), depth - 1));
}

/**
 * Reads what was stored, which was checked before: if it is wrong now, another version has stored it.
 *
 * @param what it is, for people
 * @throws ServiceError `conflict` where `read` throws `invalid-input`
 */
export function readStored<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'invalid-input')) throw error;
    const detail = `${what} was stored by another version of the gateway, and this one cannot read it`;
    throw new ServiceError('conflict', detail, { fields: error.fields, cause: error });
  }
}
