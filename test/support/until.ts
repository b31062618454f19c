import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/**
 * Waits for what another process does and nobody tells us of: returns as soon as the condition holds, and throws if it
 * does not in good time.
 */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    if (await condition()) return;
    await delay(POLL_MS);
  }
  throw new Error('what was waited for did not happen');
}

/** Whether no process of that number runs any more; one that its parent has not looked at yet does not. */
export function processIsGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  if (process.platform !== 'linux') return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return true;
  }
}
