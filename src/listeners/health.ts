import type { IncomingMessage, ServerResponse } from 'node:http';

/** Whether this process can do its work at the moment. */
export type ReadinessProbe = () => Promise<boolean>;

/**
 * Answers `/health/live` (the process runs) and `/health/ready` (it reaches the database and is not about to stop): a
 * balancer sends requests to whoever is ready, and a supervisor restarts who is not alive.
 *
 * @returns whether the path was one of these
 */
export function answerHealth(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  isReady: ReadinessProbe,
): boolean {
  if (path !== '/health/live' && path !== '/health/ready') return false;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answerText(response, 405, 'only GET and HEAD are allowed here\n', { Allow: 'GET, HEAD' });
  } else if (path === '/health/live') {
    answerText(response, 200, 'live\n');
  } else {
    void isReady()
      .catch(() => false)
      .then((ready) => {
        if (ready) answerText(response, 200, 'ready\n');
        else answerText(response, 503, 'not ready\n', { 'Retry-After': '2' });
      });
  }
  return true;
}

/** Sends a short text, with its length, as old clients cannot read chunks. */
export function answerText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(text);
}
