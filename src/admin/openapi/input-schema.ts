import { getMetadataStorage } from 'class-validator';
import { plainToInstance } from 'class-transformer';

/** A class whose instances are checked by class-validator. */
export type InputClass = new () => object;

/** What the document says of one field of an input; the names are those of OpenAPI and of swagger's ApiProperty. */
export interface InputField {
  readonly name: string;
  readonly required: boolean;
  readonly type: 'string' | 'integer' | 'boolean' | 'object' | InputClass;
  readonly isArray: boolean;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

interface Rule {
  readonly propertyName: string;
  readonly type: string;
  readonly name?: string | undefined;
  readonly constraints?: readonly unknown[] | undefined;
}

/** The fields of an input class as its decorators declare them: what is documented is what is checked. */
export function inputFields(type: InputClass): InputField[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false) as readonly Rule[];
  const names = [...new Set(rules.map((rule) => rule.propertyName))];
  return names.map((name) =>
    inputField(
      type,
      name,
      rules.filter((rule) => rule.propertyName === name),
    ),
  );
}

function inputField(type: InputClass, name: string, rules: readonly Rule[]): InputField {
  const constraint = (rule: string, index = 0): unknown => rules.find((one) => one.name === rule)?.constraints?.[index];
  const has = (...wanted: string[]): boolean => rules.some((one) => wanted.includes(one.name ?? ''));
  const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
  const pattern = constraint('matches');
  const nested = rules.some((rule) => rule.type === 'nestedValidation') ? nestedClass(type, name) : undefined;
  const scalar = has('isInt') ? 'integer' : has('isBoolean') ? 'boolean' : has('isObject') ? 'object' : 'string';
  return defined({
    name,
    required: !rules.some((rule) => rule.type === 'conditionalValidation' && letsAbsentPass(rule)),
    type: nested ?? scalar,
    isArray: has('isArray'),
    enum: constraint('isIn') as readonly string[] | undefined,
    minimum: number(constraint('min')),
    maximum: number(constraint('max')),
    minLength: number(constraint('isLength')) ?? number(constraint('minLength')),
    maxLength: number(constraint('isLength', 1)) ?? number(constraint('maxLength')),
    // Patterns with flags mean something else in JSON Schema.
    pattern: pattern instanceof RegExp && pattern.flags === '' ? pattern.source : undefined,
  });
}

/** Whether a condition leaves an absent field unchecked. One that excepts null alone does not. */
function letsAbsentPass({ constraints }: Rule): boolean {
  const condition = constraints?.[0] as (input: object, value: unknown) => boolean;
  return !condition({}, undefined);
}

/** What class-transformer makes of an object in this field. */
function nestedClass(type: InputClass, name: string): InputClass {
  const sample: object = plainToInstance(type, { [name]: {} });
  return (Reflect.get(sample, name) as object).constructor as InputClass;
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
