import { asStorable } from '../common/storable-text';

/** What became of a request. */
export const REQUEST_OUTCOMES = ['issued', 'repeated', 'pending', 'refused', 'answered', 'failed'] as const;

/** One of {@link REQUEST_OUTCOMES}. */
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/**
 * What the request log keeps of one PKIOperation that could be decoded: all an administrator needs to see why it was
 * answered so, and no secret. One row of the table `requests`.
 */
export interface RequestRecord {
  /** UUID of this attempt. */
  readonly id: string;
  /** When it came, in milliseconds' precision: the cursor of the list relies on it. */
  readonly receivedAt: Date;
  /** Name of the alias it came to. */
  readonly alias: string;
  /** Address of the client. */
  readonly source: string;
  /** HTTP method. */
  readonly method: string;
  /** RFC 8894 name of the message type, or the text that was sent if it has none. */
  readonly messageType?: string;
  readonly transactionID?: string;
  readonly outcome: RequestOutcome;
  /** Number of the failInfo of a refusal (RFC 8894 section 3.2.1.4.3). */
  readonly failInfo?: number;
  /** Code of the ServiceError of a refusal or failure. */
  readonly errorCode?: string;
  /** Short stable name of the rule that decided. */
  readonly rule?: string;
  /** For the administrator: what is wrong and which setting to look at. */
  readonly explanation?: string;
  /** User name that the request names, or that of the certificate. */
  readonly username?: string;
  /** Subject of the CSR as text. */
  readonly subject?: string;
  /** Name of the authority it is addressed to. */
  readonly authority?: string;
  /** Serial number of the certificate in the answer: big-endian magnitude. */
  readonly serialNumber?: Buffer;
  /** The decoded message as JSON: algorithms, key, extensions, client. Never the challengePassword. */
  readonly decoded: object;
}

/** Longest user name in characters: no end entity has a longer one, and an index holds no more than 2704 bytes. */
const LONGEST_USERNAME = 255;
/** Longest text of any other field, and longest list within `decoded`: whoever sends 256 kB of names fills no table. */
const LONGEST_TEXT = 2000;
const LONGEST_LIST = 100;

/**
 * The record as the row that `jsonb_populate_record(null::requests, …)` makes of it: by column name, times in ISO 8601,
 * bytes in PostgreSQL's hex form, absent as null. What a device sent is cut to a length that suffices to recognise it.
 */
export function requestRow(record: RequestRecord): Readonly<Record<string, unknown>> {
  return {
    id: record.id,
    received_at: record.receivedAt.toISOString(),
    alias: storable(record.alias),
    source: record.source,
    method: record.method,
    message_type: storable(record.messageType),
    transaction_id: storable(record.transactionID),
    outcome: record.outcome,
    fail_info: record.failInfo ?? null,
    error_code: record.errorCode ?? null,
    rule: record.rule ?? null,
    explanation: storable(record.explanation),
    username: storable(record.username, LONGEST_USERNAME),
    subject: storable(record.subject),
    authority: record.authority ?? null,
    serial_number: record.serialNumber === undefined ? null : `\\x${record.serialNumber.toString('hex')}`,
    decoded: storableJson(record.decoded),
  };
}

function storable(text: string | undefined, longest = LONGEST_TEXT): string | null {
  if (text === undefined) return null;
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return asStorable(cut);
}

function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (Array.isArray(value)) return value.slice(0, LONGEST_LIST).map(storableJson);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, storableJson(part)]));
}
