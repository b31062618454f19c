/** The part of JSON Schema that answers are described with. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly nullable?: boolean;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly $ref?: string;
}

/** What a route answers with: an object of a named form, or a page of a list of such. */
export interface Answer {
  /** Of the form, in the document: `Alias`. */
  readonly name: string;
  /** The form's properties; each is always there. */
  readonly properties: Readonly<Record<string, Schema>>;
  readonly isPage?: boolean;
}

/** What the document says of a route besides what its signature tells. */
export interface RouteDescription {
  readonly summary: string;
  /** HTTP status of success. */
  readonly status: 200 | 201 | 204;
  /** Absent: no body. */
  readonly answer?: Answer;
}

const METADATA = 'scep-gateway:route-description';

/** Describes a route for the OpenAPI document. Costs nothing until that is asked for. */
export function Documented(description: RouteDescription): MethodDecorator {
  return (_target, _name, descriptor) => {
    Reflect.defineMetadata(METADATA, description, descriptor.value as object);
  };
}

/** What {@link Documented} says of a handler. */
export function descriptionOf(handler: object): RouteDescription | undefined {
  return Reflect.getMetadata(METADATA, handler) as RouteDescription | undefined;
}

/** A page of a list of this form. */
export const pageOf = (answer: Answer): Answer => ({ ...answer, isPage: true });

/** Text. */
export const text: Schema = { type: 'string' };
/** Text, or null. */
export const optionalText: Schema = { type: 'string', nullable: true };
/** A moment in ISO 8601. */
export const moment: Schema = { type: 'string', format: 'date-time' };
/** A moment in ISO 8601, or null. */
export const optionalMoment: Schema = { type: 'string', format: 'date-time', nullable: true };
/** An integer. */
export const integer: Schema = { type: 'integer' };
/** True or false. */
export const flag: Schema = { type: 'boolean' };
/** Any JSON object. */
export const anyObject: Schema = { type: 'object', additionalProperties: true };
/** One of these texts. */
export const oneOf = (values: readonly string[]): Schema => ({ type: 'string', enum: values });
/** A list. */
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
/** An object all of whose properties are always there. */
export const record = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

/** The schema of settings that have all their fields, made from their defaults: an answer shows every field. */
export function schemaOfDefaults(defaults: object): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(defaults).map(([field, value]) => [field, schemaOfValue(value)]));
}

function schemaOfValue(value: unknown): Schema {
  if (Array.isArray(value)) return listOf(text);
  if (typeof value === 'object' && value !== null) return record(schemaOfDefaults(value));
  if (typeof value === 'number') return integer;
  return typeof value === 'boolean' ? flag : text;
}
