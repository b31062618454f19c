/** What a worker tells its primary once it serves. */
export interface ReadyMessage {
  readonly type: 'ready';
  readonly publicPort: number;
  readonly adminPort: number;
  /** Where NDES's page has a listener of its own. */
  readonly ndesPort?: number;
}

/** What the primary tells a worker that is to finish what is under way and end. */
export interface DrainMessage {
  readonly type: 'drain';
}

/** Whether something that came over the channel between the processes is of the given type. */
export function isMessage<T extends { readonly type: string }>(message: unknown, type: T['type']): message is T {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === type;
}

/** First argument of a process that is a worker; the second is `first` for the one that prepares the database. */
export const WORKER_COMMAND = 'worker';
