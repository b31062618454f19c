import { CommandError } from './command-error';
import { ExitCode } from './exit-code';

/** A subjectAltName as it is typed: its type and its value. */
export interface TypedName {
  readonly type: string;
  readonly value: string;
}

/** Reads `dns:router.example.com` and the like. Throws {@link CommandError} (`usage`). */
export function readSubjectAltNames(texts: readonly string[]): TypedName[] {
  return texts.map((text) => {
    const [, type, value] = /^([A-Za-z]+):(.+)$/s.exec(text) ?? [];
    if (type === undefined || value === undefined)
      throw new CommandError(ExitCode.usage, `--san takes type:value such as dns:router.example.com, not "${text}"`);
    return { type, value };
  });
}
