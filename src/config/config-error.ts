/** The configuration cannot be used. Names each variable and what is wrong with it, never its value. */
export class ConfigError extends Error {
  /** @param mistakes one sentence each, beginning with the variable's name */
  constructor(readonly mistakes: readonly string[]) {
    super(`the configuration is not usable:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}
