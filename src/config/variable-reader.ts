import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error';

/** The environment as it comes. */
export type Environment = Readonly<Record<string, string | undefined>>;

const MAXIMUM_SECRET_FILE_BYTES = 64 * 1024;

/**
 * Reads variables one by one and collects what is wrong with them, so that everything can be told at once. An empty
 * variable counts as absent, as `docker compose` passes those it has no value for.
 */
export class VariableReader {
  private readonly mistakes: string[] = [];

  /** @param environment the variables */
  constructor(private readonly environment: Environment) {}

  /** Notes a mistake. The text begins with the variable's name and repeats no value. */
  mistake(text: string): void {
    this.mistakes.push(text);
  }

  /** @throws ConfigError if anything was noted */
  finish(): void {
    if (this.mistakes.length > 0) throw new ConfigError(this.mistakes);
  }

  /** The text of a variable without blanks around it, or undefined. */
  text(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** A whole number, in decimal digits. */
  integer(name: string, minimum: number, maximum: number, fallback: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= minimum && value <= maximum) return value;
    this.mistake(`${name} is to be a whole number from ${minimum} to ${maximum}`);
    return fallback;
  }

  /** One of a few words. */
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) this.mistake(`${name} is to be one of ${choices.join(', ')}`);
    return found ?? fallback;
  }

  /** `true` or `false`, false unless given. */
  flag(name: string): boolean {
    return this.choice(name, ['true', 'false'], 'false') === 'true';
  }

  /** A secret: in the variable itself or, with `_FILE` at its name's end, in a file; a line break at the end is no part of it. */
  secret(name: string): string | undefined {
    const direct = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (file === undefined) return direct;
    if (direct !== undefined) {
      this.mistake(`${name} and ${name}_FILE are both set: only one of them may be`);
      return undefined;
    }
    const content = this.readFile(`${name}_FILE`, file)?.trim();
    if (content === '') this.mistake(`${name}_FILE names an empty file`);
    return content === '' ? undefined : content;
  }

  /** The content of the file that the variable `name` names, noting a mistake if it cannot be read. */
  readFile(name: string, path: string): string | undefined {
    try {
      const content = readFileSync(path);
      if (content.length <= MAXIMUM_SECRET_FILE_BYTES) return content.toString('utf8');
      this.mistake(`${name} names a file that is too large`);
    } catch (error) {
      // Node's message repeats the path, which is a value too.
      this.mistake(`${name} names a file that cannot be read (${codeOf(error)})`);
    }
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown cause';
}
