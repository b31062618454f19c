/**
 * Crockford's base 32 in lower case: no shift key, and of letters and digits that look alike one only. Five bits each.
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

const BITS = 5;

/** 140 bits: the least number of whole groups with 128 or more. */
const CHARACTERS = 28;

const GROUP = 4;

/** Longer than any way to type one: what is longer is not looked at. PKCS #9 lets a challengePassword have 255. */
const LONGEST = 255;

/**
 * A daily challenge as people read and type it: seven groups of four characters, `k7f2-9xq4-…`.
 * @param bytes at least 18, of which the first 140 bits are taken
 */
export function dailyText(bytes: Buffer): string {
  const characters = Array.from({ length: CHARACTERS }, (_, index) => {
    const bit = index * BITS;
    const window = bytes.readUInt16BE(bit >> 3);
    return ALPHABET.charAt((window >> (16 - BITS - (bit & 7))) & 31);
  });
  return groups(characters.join(''));
}

/**
 * What was typed, in the one form that is compared: hyphens, blanks and letter case do not count, and letters that are not
 * used are taken for the digits they look like. Empty where nothing is left, or where it is too long to be one.
 */
export function typedDailyText(typed: string): string {
  if (typed.length > LONGEST) return '';
  return typed.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
}

const groups = (text: string): string => text.replace(new RegExp(`(.{${GROUP}})(?=.)`, 'g'), '$1-');
