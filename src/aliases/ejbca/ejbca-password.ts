/** Marks of what EJBCA has encrypted or obfuscated, and of what was hidden when it was written down. */
const MARKED = /^(encv\d+:|OBF:|hidden$|\*+$)/;

/** Older EJBCAs wrote nothing but the blocks of the cipher. */
const BLOCKS = /^([0-9a-f]{32})+$/i;

/**
 * Whether a value of EJBCA's is a password in a form that only that EJBCA can read. Hexadecimal digits in whole blocks are
 * taken for one: if it should be the password after all, it is only to be typed once, whereas one that nobody knows would lock
 * all devices out without a word.
 */
export const encryptedPassword = (value: string): boolean => MARKED.test(value) || BLOCKS.test(value);
