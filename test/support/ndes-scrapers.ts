/*
 * How programs find the challenge on NDES's page, each as it was observed to: how it decodes the bytes, what it looks for,
 * and what it takes for a refusal. None is kinder than the program itself.
 */

/** A page as it came. */
export interface ScrapedPage {
  readonly contentType: string;
  readonly body: Buffer;
}

/** Finds the challenge; undefined where the program does not. */
export type Scraper = (page: ScrapedPage) => string | undefined;

const LABEL = 'The enrollment challenge password is: <B> ';

/** Guesses UTF-16LE by a byte order mark or by zeros at odd places, else UTF-8; then one regular expression. */
export const fleet: Scraper = ({ body }) =>
  /The enrollment challenge password is: <B> (?<password>\S*)/i.exec(fleetText(body))?.groups?.['password'];

/** What Fleet decodes; also for what it takes for refusals. */
export function fleetText(body: Buffer): string {
  const hasMark = body[0] === 0xff && body[1] === 0xfe;
  const looksWide = body.length > 3 && body[1] === 0 && body[3] === 0;
  return hasMark || looksWide ? body.toString('utf16le') : body.toString('utf8');
}

const javaUtf16 = (body: Buffer): string => {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return body.subarray(2).toString('utf16le');
  if (first === 0xfe && second === 0xff) return bigEndian(body.subarray(2));
  // Java takes UTF-16 without a mark for big endian.
  return bigEndian(body);
};

const bigEndian = (body: Buffer): string =>
  Buffer.from(body.subarray(0, body.length & ~1))
    .swap16()
    .toString('utf16le');

/** Tries six encodings in its order and takes what stands between two texts. */
export const manageEngine: Scraper = ({ body }) => {
  const texts = [
    javaUtf16(body),
    body.toString('utf8'),
    body.toString('ascii'),
    bigEndian(body),
    body.toString('utf16le'),
    body.toString('latin1'),
  ];
  for (const text of texts) {
    const begin = text.indexOf(LABEL);
    if (begin < 0) continue;
    for (const end of ['only once', 'multiple times']) {
      const stop = text.indexOf(` </B> <P> This password can be used ${end}`, begin);
      if (stop > 0) return text.slice(begin + LABEL.length, stop);
    }
  }
  return undefined;
};

/** What Python's `decode('UTF-16')` gives: by the mark, else as the machine is. */
const pythonUtf16 = (body: Buffer): string => body.toString('utf16le').replace(/^\uFEFF/, '');

/** The Python script: pieces between ">", the one after that which has the label behind one character. */
export const pythonScript: Scraper = ({ body }) => {
  const pieces = pythonUtf16(body).split('>');
  const label = pieces.findIndex((piece) => piece.indexOf('The enrollment challenge password is:') === 1);
  // str.strip('</B') takes these characters off both ends.
  return label < 0 ? undefined : pieces[label + 1]?.replace(/^[</B]+|[</B]+$/g, '').trim();
};

/** HPE iLO's PowerShell: Unicode, and the first word that begins with sixteen digits. */
export const powerShell: Scraper = ({ body }) =>
  body
    .toString('utf16le')
    .split(/\s+/)
    .find((word) => /^[A-F0-9]{16}/.test(word));

/** ntlmrelayx: what stands up to the end of the bold text, and for how long it is good (minutes, or for ever). */
export function ntlmRelay({ body }: ScrapedPage): { password: string; minutes: number | undefined } | undefined {
  const text = fleetText(body);
  const password = between(text, 'password is: <B> ', '</B>');
  if (password === undefined) return undefined;
  if (text.includes('will not expire')) return { password: password.trim(), minutes: undefined };
  return { password: password.trim(), minutes: Number(between(text, 'will expire within ', ' minutes')) };
}

/** The C# client: text by the header's charset (UTF-8 without one), across lines, the first digits behind the words. */
export const dotNet: Scraper = ({ contentType, body }) => {
  const charset = /charset=([^;]+)/.exec(contentType)?.[1];
  const text = charset === 'utf-16' ? body.toString('utf16le') : body.toString('utf8');
  return /challenge password.*?([0-9A-Fa-f]{8,64})/s.exec(text)?.[1];
};

/** Okta's form of the page is read by header too, between the label and the next blank. */
export const byHeader: Scraper = ({ contentType, body }) => {
  const wide = contentType.includes('charset=utf-16');
  return between(wide ? body.toString('utf16le') : body.toString('utf8'), LABEL, ' </B>');
};

function between(text: string, before: string, after: string): string | undefined {
  const begin = text.indexOf(before);
  if (begin < 0) return undefined;
  const end = text.indexOf(after, begin + before.length);
  return end < 0 ? undefined : text.slice(begin + before.length, end);
}
