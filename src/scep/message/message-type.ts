/**
 * The message types of RFC 8894 section 3.2.1.2 with their numbers. Other numbers exist in drafts (18 was once an
 * update) and are refused: a type that slips past the checks of the known ones is how a gateway issues without asking.
 */
export const MESSAGE_TYPE_NUMBERS = {
  CertRep: 3,
  RenewalReq: 17,
  PKCSReq: 19,
  CertPoll: 20,
  GetCert: 21,
  GetCRL: 22,
} as const;

/** Name of a message type as RFC 8894 spells it. */
export type MessageType = keyof typeof MESSAGE_TYPE_NUMBERS;

/** A message type that a client may send. */
export type RequestMessageType = Exclude<MessageType, 'CertRep'>;

const BY_TEXT: ReadonlyMap<string, MessageType> = new Map(
  Object.entries(MESSAGE_TYPE_NUMBERS).map(([name, number]) => [String(number), name as MessageType]),
);

/** The message type whose decimal text this is, without leading zeros; undefined for any other text. */
export const messageTypeFromText = (text: string): MessageType | undefined => BY_TEXT.get(text);
