import type { OutboundClient } from '../../outbound/outbound-client';

/** What is needed of an HTTP client. */
export type OutboundHttp = Pick<OutboundClient, 'send'>;

/** URL of a path below a base, whether that ends in a slash or not. */
export const below = (base: string, path: string): string => `${base.replace(/\/+$/, '')}/${path}`;
