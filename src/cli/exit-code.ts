/** Exit codes of all commands, as docs/command-line.md lists them. */
export const ExitCode = {
  /** Done. */
  done: 0,
  /** Something went wrong on this side that nobody foresaw. */
  failed: 1,
  /** The command line, the configuration or a file given is not usable; nothing was sent. */
  usage: 2,
  /** The gateway or the CA said no. */
  refused: 3,
  /** The CA has the request and has not decided yet. */
  pending: 4,
  /** No answer, or none that can be used or trusted. */
  noAnswer: 5,
} as const;

/** One of {@link ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
