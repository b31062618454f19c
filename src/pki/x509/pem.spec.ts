import { X509Certificate } from 'node:crypto';

import { vector } from '../../../test/support/vectors';
import { DerError } from '../der/der-error';
import { pem, readPem } from './pem';

const text = vector('pkcs12/ca.pem').toString('latin1');
const { raw } = new X509Certificate(text);

describe('PEM', () => {
  it('is written as OpenSSL writes it', () => {
    expect(pem('CERTIFICATE', raw)).toBe(text);
  });

  it('is read from a file with several blocks and text around them', () => {
    const bundle = `subject=CN = x\n${text}\nBag Attributes\r\n${text.replaceAll('\n', '\r\n')}${pem('X', Buffer.of(1))}`;
    expect(readPem(bundle)).toEqual([
      { label: 'CERTIFICATE', der: raw },
      { label: 'CERTIFICATE', der: raw },
      { label: 'X', der: Buffer.of(1) },
    ]);
    expect(readPem('no block at all')).toEqual([]);
  });

  it.each([
    ['an end that is missing', '-----BEGIN A-----\nAQ==\n'],
    ['an end of another label', '-----BEGIN A-----\nAQ==\n-----END B-----'],
    ['an empty block', '-----BEGIN A-----\n-----END A-----'],
    ['a character outside the alphabet', '-----BEGIN A-----\nAQ*=\n-----END A-----'],
    ['missing padding', '-----BEGIN A-----\nAQ\n-----END A-----'],
    ['an encrypted block', '-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQ==\n-----END A-----'],
    ['a block within a block', '-----BEGIN A-----\n-----BEGIN A-----\nAQ==\n-----END A-----'],
    ['more than 4 MiB', 'x'.repeat(4 * 1024 * 1024 + 1)],
  ])('refuses %s', (_, bad) => {
    expect(() => readPem(bad)).toThrow(DerError);
  });

  it('takes linear time', () => {
    expect(() => readPem('-----BEGIN A-----\n'.repeat(100_000))).toThrow(DerError);
    expect(() => readPem(`-----BEGIN A-----${' '.repeat(4_000_000)}`)).toThrow(DerError);
  });
});
