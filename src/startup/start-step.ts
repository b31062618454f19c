/**
 * Something to be there before a gateway takes requests: default profiles, the first authority. Steps run in order, in
 * the first worker of each gateway, while no other gateway on the same database runs its own. They find what is there
 * already, so each start may run them all.
 */
export interface StartStep {
  /** For the log. */
  readonly name: string;
  /** Does what is still to be done. A throw stops the start. */
  run(): Promise<void>;
}

/** Injection token of the ordered array of all {@link StartStep}s. */
export const START_STEPS = Symbol('StartSteps');
