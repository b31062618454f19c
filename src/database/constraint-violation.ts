const KINDS: Readonly<Record<string, ConstraintViolation['kind']>> = { '23505': 'unique', '23503': 'foreign-key' };

/** Which rule of the schema a statement broke. */
export interface ConstraintViolation {
  readonly kind: 'unique' | 'foreign-key';
  /** Name of the constraint or index in the schema. */
  readonly constraint: string;
}

/** The unique or foreign key constraint that an error of TypeORM or pg is about; undefined for every other error. */
export function constraintViolation(error: unknown): ConstraintViolation | undefined {
  if (!(error instanceof Error)) return undefined;
  // TypeORM copies both fields from the driver's error onto its own.
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  const kind = typeof code === 'string' ? KINDS[code] : undefined;
  return kind === undefined ? undefined : { kind, constraint: typeof constraint === 'string' ? constraint : '' };
}
