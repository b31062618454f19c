import { REQUEST_OUTCOMES } from '../../requests/request-record';
import type { RequestEntity } from '../../requests/request.entity';
import type { UndecodableRequestEntity } from '../../requests/undecodable-request.entity';
import { FAIL_INFO_NUMBERS, failInfoFromText, type FailInfo } from '../../scep/message/fail-info';
import { anyObject, integer, moment, oneOf, optionalText, text, type Answer } from '../openapi/documented';

/** A request as it is answered. */
export interface RequestView extends Omit<RequestEntity, 'serialNumber' | 'failInfo'> {
  /** RFC 8894's name. */
  readonly failInfo: FailInfo | null;
  /** Of the certificate in the answer: hexadecimal, lower case. */
  readonly serialNumber: string | null;
}

/** {@link RequestView} in the OpenAPI document. */
export const REQUEST_ANSWER: Answer = {
  name: 'Request',
  properties: {
    id: text,
    receivedAt: moment,
    alias: text,
    source: text,
    method: text,
    messageType: optionalText,
    transactionID: optionalText,
    outcome: oneOf(REQUEST_OUTCOMES),
    failInfo: { ...oneOf(Object.keys(FAIL_INFO_NUMBERS)), nullable: true },
    errorCode: optionalText,
    rule: optionalText,
    explanation: optionalText,
    username: optionalText,
    subject: optionalText,
    authority: optionalText,
    serialNumber: optionalText,
    decoded: anyObject,
  },
};

/** Makes the view. */
export function requestView(row: RequestEntity): RequestView {
  return {
    id: row.id,
    receivedAt: row.receivedAt,
    alias: row.alias,
    source: row.source,
    method: row.method,
    messageType: row.messageType,
    transactionID: row.transactionID,
    outcome: row.outcome,
    failInfo: row.failInfo === null ? null : (failInfoFromText(String(row.failInfo)) ?? null),
    errorCode: row.errorCode,
    rule: row.rule,
    explanation: row.explanation,
    username: row.username,
    subject: row.subject,
    authority: row.authority,
    serialNumber: row.serialNumber?.toString('hex') ?? null,
    decoded: row.decoded,
  };
}

/** A count of what could not be decoded, as it is answered. */
export interface UndecodableView extends Omit<UndecodableRequestEntity, 'occurrences'> {
  readonly occurrences: number;
}

/** {@link UndecodableView} in the OpenAPI document. */
export const UNDECODABLE_ANSWER: Answer = {
  name: 'UndecodableRequests',
  properties: { day: text, alias: text, cause: text, occurrences: integer, lastSource: text, lastAt: moment },
};

/** Makes the view. */
export function undecodableView(row: UndecodableRequestEntity): UndecodableView {
  const { day, alias, cause, lastSource, lastAt } = row;
  return { day, alias, cause, occurrences: Number(row.occurrences), lastSource, lastAt };
}
