import type { Timer } from '../../src/outbound/timer';

/** A timer whose time passes when a test says so. */
export class ManualTimer implements Timer {
  /** What has not happened yet, in the order in which it was asked for. */
  readonly waiting: { readonly milliseconds: number; readonly action: () => void }[] = [];

  after(milliseconds: number, action: () => void): () => void {
    const entry = { milliseconds, action };
    this.waiting.push(entry);
    return () => {
      this.remove(entry);
    };
  }

  /** Lets the time of everything that waits for `milliseconds`, or of all, pass at once. */
  fire(milliseconds?: number): void {
    for (const entry of [...this.waiting])
      if (milliseconds === undefined || entry.milliseconds === milliseconds) {
        this.remove(entry);
        entry.action();
      }
  }

  private remove(entry: ManualTimer['waiting'][number]): void {
    const index = this.waiting.indexOf(entry);
    if (index >= 0) this.waiting.splice(index, 1);
  }
}
