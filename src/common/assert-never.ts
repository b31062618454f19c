/** Marks a branch that the compiler proves unreachable; throws if a value from outside reaches it all the same. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value of type ${typeof value}`);
}
