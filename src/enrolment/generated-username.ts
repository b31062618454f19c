import { type NameGeneration, nameAttributes } from '../aliases/ra-settings';
import type { RandomSource } from '../common/random-source';
import { ServiceError } from '../common/service-error';
import { attributeOid } from '../pki/x509/attribute-type';
import type { DistinguishedName } from '../pki/x509/distinguished-name';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** How many of them a random part of a name has, as in EJBCA. */
const RANDOM_LENGTH = 12;

const PLACEHOLDER = '${RANDOM}';

/** As many as an administrator can give an end entity. */
const LONGEST = 255;

/** What cannot be seen, among them letters and accents that are blank: a user name with it would be read as another one. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffd]/u;

/** Whether a character is drawn as text or in colour: many names of phones have one, and it makes no other name. */
const PRESENTATION = /[\ufe00-\ufe0f]/g;

/**
 * Whether an equal request gets another name each time, so that an earlier one is known by the ledger only.
 */
export const isNameRandom = ({ scheme, prefix, postfix }: NameGeneration): boolean =>
  scheme === 'RANDOM' || [prefix, postfix].some((text) => text.includes(PLACEHOLDER));

/**
 * The user name of the end entity that a request stands for in RA mode, by EJBCA's rules. Blanks at the ends of what the
 * device has sent do not count, nor does how many stand in one place, nor whether an accent is a character of its own (NFC):
 * nobody can tell such names apart by eye.
 *
 * @throws ServiceError `request-refused` when the subject gives no name, or none that can be used
 */
export function generatedUsername(
  generation: NameGeneration,
  subject: DistinguishedName,
  random: Pick<RandomSource, 'bytes'>,
): string {
  // Only the alias's own texts are expanded: what a device puts into its subject is no placeholder.
  const expanded = (text: string): string => text.replaceAll(PLACEHOLDER, () => randomName(random));
  const { prefix, postfix } = generation;
  const base = baseOf(generation, subject, random).trim();
  const given = `${expanded(prefix)}${base}${expanded(postfix)}`.replace(PRESENTATION, '');
  if (INVISIBLE.test(given))
    throw refused('the subject has characters that cannot be part of a user name', 'they cannot be seen');
  const name = given.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (name.length > LONGEST)
    throw refused('the subject makes too long a user name', `${name.length} characters, and ${LONGEST} are taken`);
  return name;
}

function baseOf(
  { scheme, parameters }: NameGeneration,
  subject: DistinguishedName,
  random: Pick<RandomSource, 'bytes'>,
): string {
  switch (scheme) {
    case 'DN':
      return firstPresent(nameAttributes(parameters), subject);
    case 'RANDOM':
      return randomName(random);
    case 'FIXED':
      return parameters;
    case 'USERNAME':
      if (subject.isEmpty) throw refused('the subject is empty, and the user name is made of it', 'scheme USERNAME');
      return subject.toString();
  }
}

function firstPresent(attributes: readonly string[], subject: DistinguishedName): string {
  for (const attribute of attributes) {
    // They were checked when they were set.
    const value = subject.first(attributeOid(attribute) ?? '');
    if (value !== undefined && value.trim() !== '') return value;
  }
  const named = attributes.join(', ');
  throw refused(
    `the subject has none of the attributes that make the user name here: ${named}`,
    `ra.nameGeneration.parameters names ${named}`,
  );
}

/** Twelve letters and digits, each as likely as any other. */
function randomName(random: Pick<RandomSource, 'bytes'>): string {
  let name = '';
  while (name.length < RANDOM_LENGTH)
    for (const byte of random.bytes(RANDOM_LENGTH * 2))
      // The largest multiple of 62 that a byte can be below: what is above would favour some of them.
      if (byte < 248 && name.length < RANDOM_LENGTH) name += ALPHABET[byte % ALPHABET.length] ?? '';
  return name;
}

const refused = (detail: string, explanation: string): ServiceError =>
  new ServiceError('request-refused', detail, {
    rule: 'ra.nameGeneration',
    explanation: `${detail} (${explanation})`,
  });
