import { decodeGetMessage } from './message-bytes';
import { decodeCaIdentifier, readRawQuery } from './raw-query';

// Bytes whose base64 has all the characters that matter: "+", "/" and "=".
const BYTES = Buffer.from('30fbefbeffbf80', 'hex');
const BASE64 = BYTES.toString('base64');
const lines = (text: string) => text.replace(/(.{4})/g, '$1\n');

it('has the fixture it needs', () => {
  expect(BASE64).toMatch(/\+.*\/.*==$/);
});

describe('message of a GET request', () => {
  it.each([
    ['A-06: percent-encoded base64', encodeURIComponent(BASE64)],
    ['I-03: unescaped, as jSCEP 3 sends it', BASE64],
    ['I-03: + turned into a blank on the way', BASE64.replaceAll('+', '%20')],
    ['I-04: line breaks inside and at the end', encodeURIComponent(lines(BASE64) + '\n')],
    ['I-04: carriage returns too', encodeURIComponent(lines(BASE64).replaceAll('\n', '\r\n'))],
    ['I-05: no padding', encodeURIComponent(BASE64.replaceAll('=', ''))],
    ['A-07: base64url', BYTES.toString('base64url')],
    ['I-05: escaped twice', encodeURIComponent(encodeURIComponent(BASE64))],
  ])('%s', (_, message) => {
    expect(decodeGetMessage(message)?.toString('hex')).toBe(BYTES.toString('hex'));
  });

  it.each(['', '%00', 'a*b=', '%E4%F6', 'MIIB=AAA'])('%j is refused', (message) => {
    expect(decodeGetMessage(message)).toBeUndefined();
  });
});

describe('raw query', () => {
  it.each([
    ['operation=PKIOperation&message=MII%2B', 'PKIOperation', 'MII%2B'],
    ['message=MII+&operation=PKIOperation', 'PKIOperation', 'MII+'],
    ['operation=%20GetCACaps%20&', 'GetCACaps', undefined],
    ['operation=GetCACert?message=x', 'GetCACert', 'x'],
    ['foo=bar&operation=GetCACert&message=&x', 'GetCACert', ''],
    ['OPERATION=getcacert', 'getcacert', undefined],
    ['operation=GetCACert&operation=PKIOperation', 'GetCACert', undefined],
    ['', undefined, undefined],
    ['&', undefined, undefined],
    ['operation=%zz', '%zz', undefined],
  ])('I-01, I-07: %s', (query, operation, message) => {
    expect(readRawQuery(query)).toEqual({ operation, message });
  });

  it('reads a CA identifier', () => {
    expect(decodeCaIdentifier('My%20CA')).toBe('My CA');
    expect(decodeCaIdentifier('M%C3%BCnchen')).toBe('München');
    expect(decodeCaIdentifier('')).toBeUndefined();
    expect(decodeCaIdentifier(undefined)).toBeUndefined();
  });
});
