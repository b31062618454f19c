import { serverSaidNo, sqlState } from './connection-loss';

const withCode = (code: unknown): Error => Object.assign(new Error('x'), { code });

describe('serverSaidNo', () => {
  it.each(['23505', '23514', '40001', '40P01', '42P01', '53300', '55P03', '57014', '22P02', 'P0001'])(
    '%s: nothing of the statement remains',
    (code) => {
      expect(serverSaidNo(withCode(code))).toBe(true);
    },
  );

  it.each(['08006', '57P01', '57P02', '57P03', '40003', '58030', 'XX000', 'EPIPE', 'ECONNRESET', undefined, 7])(
    '%s: nobody knows',
    (code) => {
      expect(serverSaidNo(withCode(code))).toBe(false);
    },
  );

  it('holds nothing that is no error for an answer of the server', () => {
    expect(serverSaidNo({ code: '23505' })).toBe(false);
    expect(sqlState(undefined)).toBeUndefined();
  });
});
