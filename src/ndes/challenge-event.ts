const EVENT = 'SCEPChallenge';

/**
 * Whether the body of a webhook asks for a challenge: `{"webhook": {"webhookEvent": "SCEPChallenge", …}, "event": {…}}`.
 * What else it tells (for which URL and profile) is not needed.
 */
export function asksForChallenge(body: Buffer): boolean {
  try {
    const message = JSON.parse(body.toString('utf8')) as {
      readonly webhook?: { readonly webhookEvent?: unknown };
    } | null;
    return message?.webhook?.webhookEvent === EVENT;
  } catch {
    return false;
  }
}
