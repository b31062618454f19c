/** The parameters of a SCEP request that mean anything, undecoded. */
export interface ScepQuery {
  /** Trimmed, percent-decoded; undefined when absent. */
  readonly operation: string | undefined;
  /** As it stands in the request target: its decoding depends on the operation. Undefined when absent. */
  readonly message: string | undefined;
}

/**
 * Reads the raw query of a request target. No library parser is used, because those turn `+` into a blank, which ruins
 * the base64 of clients that do not escape it (row I-03). Parameters come in any order and with any other ones between
 * (row I-01); a repeated `?` counts as `&`; the first of a repeated name wins.
 * @param query as received, without the first question mark
 */
export function readRawQuery(query: string): ScepQuery {
  let operation: string | undefined;
  let message: string | undefined;
  for (const part of query.split(/[?&]/)) {
    const equals = part.indexOf('=');
    const name = decodePercent(equals < 0 ? part : part.slice(0, equals))
      .trim()
      .toLowerCase();
    const value = equals < 0 ? '' : part.slice(equals + 1);
    if (name === 'operation') operation ??= decodePercent(value).replace(/\+/g, ' ').trim();
    else if (name === 'message') message ??= value;
  }
  return { operation, message };
}

/**
 * Percent-decodes byte by byte into Latin-1 text; an escape that is none stays as it is. Never throws, unlike
 * decodeURIComponent, and never touches `+`.
 */
export function decodePercent(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** A CA identifier from the `message` of a query operation: UTF-8 behind percent escapes, trimmed; undefined when empty. */
export function decodeCaIdentifier(message: string | undefined): string | undefined {
  if (message === undefined) return undefined;
  const identifier = Buffer.from(decodePercent(message), 'latin1').toString('utf8').trim();
  return identifier === '' ? undefined : identifier;
}
