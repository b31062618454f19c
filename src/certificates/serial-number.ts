const HEX = /^[0-9a-f]{1,80}$/;

/**
 * The serial number that an administrator means: hexadecimal digits in either case, with or without colons and leading
 * zeros.
 *
 * @returns big-endian magnitude without leading zero octets, as it is stored; undefined if the text is none
 */
export function parseSerialNumber(text: string): Buffer | undefined {
  const digits = text.toLowerCase().replace(/:/g, '');
  if (!HEX.test(digits)) return undefined;
  const significant = digits.replace(/^0+(?=.)/, '');
  return Buffer.from(significant.padStart(significant.length + (significant.length % 2), '0'), 'hex');
}
