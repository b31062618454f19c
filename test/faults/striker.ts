import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Kills processes from a process of its own. Were it done from here, all requests that are under way would be answered
 * before this process got round to it, and nothing would be hit in the middle of anything.
 */
export class Striker {
  private readonly child: ChildProcess;

  /**
   * Prepares the strike.
   *
   * @param pids what gets SIGKILL
   * @param delayMs how long after {@link strike}
   */
  constructor(pids: readonly number[], delayMs: number) {
    const script = `read -r _; sleep ${(delayMs / 1000).toFixed(3)}; kill -9 "$@"; exit 0`;
    this.child = spawn('/bin/sh', ['-c', script, 'striker', ...pids.map(String)], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  }

  /** Lets it happen; resolves when it has. */
  async strike(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin?.end('\n');
    await ended;
  }
}
