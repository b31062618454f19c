import { DerError } from '../der/der-error';
import { attributeOid, attributeTypeByOid } from './attribute-type';
import { derAttribute, type NameAttribute, textAttribute } from './attribute-value';

/** Longest text that is read as a name, in UTF-16 units. */
const MAX_TEXT = 8192;
const MAX_ATTRIBUTES = 64;

const WHAT = 'distinguished name';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Control, format, separator and unpaired surrogate characters: what cannot be seen, or changes what is seen. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** What a value cannot hold as it is: those, the special characters of RFC 4514, blanks at an end, a leading `#`. */
const TO_ESCAPE = /^[\s#]|\s$|[\\"+,;<>\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * The text of a name, first RDN first (RFC 4514, but in the order of the encoding, which is how it was typed).
 *
 * @param longest nothing is formatted beyond so many characters; what was left out shows as an ellipsis
 */
export function formatName(rdns: readonly (readonly NameAttribute[])[], longest = Infinity): string {
  let text = '';
  for (const rdn of rdns)
    for (const attribute of rdn) {
      if (text !== '') text += attribute === rdn[0] ? ',' : '+';
      text += formatAttribute(attribute, longest);
      if (text.length > longest) return `${text.slice(0, longest - 1)}…`;
    }
  return text;
}

function formatAttribute(attribute: NameAttribute, longest: number): string {
  const label = attributeTypeByOid(attribute.oid)?.label ?? attribute.oid;
  // An empty value is written as DER, since nothing behind the equals sign reads as a slip of the pen.
  if (!attribute.isText || attribute.value === '') return `${label}=#${attribute.raw.toString('hex')}`;
  return `${label}=${escapeValue(attribute.value.slice(0, longest))}`;
}

function escapeValue(value: string): string {
  return value.replace(TO_ESCAPE, (character) =>
    INVISIBLE.test(character)
      ? Buffer.from(character, 'utf8').toString('hex').replace(/../g, '\\$&')
      : `\\${character}`,
  );
}

/**
 * Reads a name as administrators write it: `CN=User Usersson,O=PrimeKey,C=SE` in the order of the encoding, `;` for `,`,
 * `+` between the attributes of one RDN, values with `\` escapes (RFC 4514), in double quotes (RFC 2253) or as `#` and
 * hexadecimal DER; or with slashes, as OpenSSL writes it. Throws `DerError`, which names a position and never the text.
 */
export function parseName(text: string): NameAttribute[][] {
  if (text.length > MAX_TEXT) throw new DerError(`${WHAT}: longer than ${MAX_TEXT} characters`);
  return new NameParser(text).parse();
}

class NameParser {
  private position = 0;
  private readonly separators: string;

  constructor(private readonly text: string) {
    // OpenSSL's notation begins with a slash, which no attribute type does.
    const slashes = /^\s*\/\s*[A-Za-z0-9.]+\s*=/.test(text);
    this.separators = slashes ? '/' : ',;';
    if (slashes) this.position = text.indexOf('/') + 1;
  }

  parse(): NameAttribute[][] {
    this.skipBlanks();
    if (this.position === this.text.length) return [];
    const rdns: NameAttribute[][] = [[this.attribute()]];
    for (let count = 1; this.position < this.text.length; count++) {
      if (count === MAX_ATTRIBUTES) throw new DerError(`${WHAT}: more than ${MAX_ATTRIBUTES} attributes`);
      const separator = this.text[this.position++] as string;
      if (separator === '+') (rdns.at(-1) as NameAttribute[]).push(this.attribute());
      else rdns.push([this.attribute()]);
    }
    return rdns;
  }

  private attribute(): NameAttribute {
    this.skipBlanks();
    const match = /[A-Za-z0-9.]+(?=\s*=)/y;
    match.lastIndex = this.position;
    const name = match.exec(this.text)?.[0];
    if (name === undefined)
      throw this.error(`expected an attribute such as CN= (a separator that belongs to a value is written with \\)`);
    const oid = attributeOid(name);
    if (oid === undefined) throw this.error('unknown attribute type');
    this.position = this.text.indexOf('=', this.position) + 1;
    this.skipBlanks();
    const attribute = this.value(oid);
    this.skipBlanks();
    if (this.position < this.text.length && !this.endsValue(this.text[this.position] as string))
      throw this.error('expected a separator');
    return attribute;
  }

  private value(oid: string): NameAttribute {
    const first = this.text[this.position];
    if (first === '#') return this.hexadecimal(oid);
    const value = first === '"' ? this.quoted() : this.plain();
    if (value === '') throw this.error('empty value');
    return textAttribute(oid, value);
  }

  private hexadecimal(oid: string): NameAttribute {
    const match = /#((?:[0-9A-Fa-f]{2})+)/y;
    match.lastIndex = this.position;
    const digits = match.exec(this.text)?.[1];
    if (digits === undefined)
      throw this.error('expected hexadecimal digits after # (a # that begins a value is written with \\)');
    this.position += 1 + digits.length;
    return derAttribute(oid, Buffer.from(digits, 'hex'));
  }

  private quoted(): string {
    const parts: string[] = [];
    this.position++;
    for (;;) {
      const character = this.character();
      if (character === undefined) throw this.error('quotation mark is not closed');
      if (character === '\\') parts.push(this.escaped());
      else if (character === '"') return parts.join('');
      else parts.push(character);
    }
  }

  private plain(): string {
    const parts: string[] = [];
    let kept = 0;
    for (;;) {
      const next = this.text[this.position];
      if (next === undefined || this.endsValue(next)) break;
      this.position++;
      if (next === '\\') parts.push(this.escaped());
      else parts.push(next);
      // Blanks at the end belong to the value only where they are escaped.
      if (next === '\\' || !/\s/.test(next)) kept = parts.length;
    }
    return parts.slice(0, kept).join('');
  }

  /** What stands behind a backslash: a hexadecimal run of UTF-8 octets, or the character itself. */
  private escaped(): string {
    const match = /[0-9A-Fa-f]{2}(?:\\[0-9A-Fa-f]{2})*/y;
    match.lastIndex = this.position;
    const run = match.exec(this.text)?.[0];
    if (run !== undefined) {
      this.position += run.length;
      return this.utf8(Buffer.from(run.replaceAll('\\', ''), 'hex'));
    }
    const character = this.character();
    if (character === undefined) throw this.error('nothing follows the last \\');
    return character;
  }

  private utf8(octets: Buffer): string {
    try {
      return strictUtf8.decode(octets);
    } catch (cause) {
      throw new DerError(this.error('escaped octets are not UTF-8').message, { cause });
    }
  }

  private endsValue(character: string): boolean {
    return character === '+' || this.separators.includes(character);
  }

  private character(): string | undefined {
    return this.text[this.position++];
  }

  private skipBlanks(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }

  private error(reason: string): DerError {
    return new DerError(`${WHAT}: ${reason}, at character ${this.position + 1}`);
  }
}
