/** Has something done after some time. Injected, so that tests need not wait. */
export interface Timer {
  /**
   * Calls `action` once `milliseconds` have passed. What is waited for does not keep the process alive.
   * @returns takes it back
   */
  after(milliseconds: number, action: () => void): () => void;
}

/** Injection token of the {@link Timer}. */
export const TIMER = Symbol('Timer');

/** The machine's timer. */
export const systemTimer: Timer = {
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
