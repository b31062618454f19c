/** Identifier octets (X.690 section 8.1.2) of the types that occur in PKCS #10, X.509 and CMS. */
export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OBJECT_IDENTIFIER: 0x06,
  ENUMERATED: 0x0a,
  UTF8_STRING: 0x0c,
  NUMERIC_STRING: 0x12,
  PRINTABLE_STRING: 0x13,
  T61_STRING: 0x14,
  IA5_STRING: 0x16,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  VISIBLE_STRING: 0x1a,
  UNIVERSAL_STRING: 0x1c,
  BMP_STRING: 0x1e,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** Identifier octet of a constructed context-specific tag `[n]`. */
export const contextConstructedTag = (n: number): number => 0xa0 | n;

/** Identifier octet of a primitive context-specific tag `[n]`. */
export const contextPrimitiveTag = (n: number): number => 0x80 | n;
