import type { Response } from 'express';

/** Tells where the new resource is (RFC 9110 section 10.2.2). */
export function createdAt(response: Response, collection: string, name: string): void {
  response.setHeader('Location', `/api/v1/${collection}/${encodeURIComponent(name)}`);
}
