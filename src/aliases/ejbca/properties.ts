/** One line of a properties file. */
export interface Property {
  readonly key: string;
  readonly value: string;
}

/** A key ends at the first separator that no backslash stands before. */
const KEY = /^((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)$/s;

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Reads the notation of java.util.Properties: `key=value`, `key: value` or `key value`; comments begin with `#` or `!`; a
 * backslash at the end of a line goes on with the next; `\n`, `\u00e9` and the like. It reads any text.
 */
export function readProperties(text: string): Property[] {
  return logicalLines(text).map((line) => {
    const [, key = '', value = ''] = KEY.exec(line) ?? [];
    return { key: unescaped(key), value: unescaped(value).trimEnd() };
  });
}

/** Writes one line that {@link readProperties} and Java read alike. */
export function propertyLine({ key, value }: Property): string {
  const escapedKey = escaped(key).replace(/[\s=:#!]/g, String.raw`\$&`);
  return `${escapedKey}=${escaped(value).replace(/^\s/, String.raw`\$&`)}`;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun: string[] = [];
  for (const physical of text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    const line = physical.trimStart();
    if (begun.length === 0 && (line === '' || /^[#!]/.test(line))) continue;
    // An odd number of backslashes at the end: the last one stands for the line break.
    if (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) begun.push(line.slice(0, -1));
    else {
      lines.push(begun.join('') + line);
      begun = [];
    }
  }
  return begun.length === 0 ? lines : [...lines, begun.join('')];
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, character: string | undefined) =>
    hex === undefined ? (ESCAPES[character ?? ''] ?? character ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );

const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('\f', String.raw`\f`)
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
