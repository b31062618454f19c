/** What becomes of one key of EJBCA's. */
export type Carried =
  /** Values by the dotted name of the field; null brings the default back. */
  | { readonly fields: Readonly<Record<string, unknown>>; readonly remark?: string }
  /** Why it cannot be carried over. */
  | { readonly reason: string }
  /** Nothing is to be done: the value is EJBCA's way to say that the key is not used. */
  | undefined;

/** The alias as far as it matters for the keys. */
export interface KeyContext {
  /** The mode that the alias is going to have. */
  readonly operationalMode: 'CA' | 'RA';
  /** Names that it has already. */
  readonly authorities: readonly string[];
  /** Digests that it accepts already. */
  readonly digests: readonly string[];
  /** Whether Intune is going to be asked about its requests. */
  readonly usesIntune: boolean;
  /** Whether Intune is asked now. */
  readonly usedIntune: boolean;
  /** Other values of the file, by key. */
  readonly values: ReadonlyMap<string, string>;
}

/** Reads the value of one key. No text of it may repeat the value. */
export type Rule = (value: string, context: KeyContext) => Carried;

/** Text as it is. */
export const field =
  (name: string): Rule =>
  (value) => ({ fields: { [name]: value } });

/** In EJBCA's files most keys stand in every alias, without a value where they are not used. */
export const unlessEmpty =
  (rule: Rule): Rule =>
  (value, context) =>
    value === '' ? undefined : rule(value, context);

/** A key without a counterpart. */
export const leftOut = (reason: string): Rule => unlessEmpty(() => ({ reason }));
