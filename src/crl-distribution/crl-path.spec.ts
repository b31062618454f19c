import { isInCrlSpace, readCrlPath } from './crl-path';

describe('the path of a CRL', () => {
  it.each([
    ['/crl/ManagementCA.crl', 'ManagementCA', undefined],
    ['/crl/Management CA.v2.crl', 'Management CA.v2', undefined],
    ['/crl/a.crl/1.crl', 'a.crl', 1],
    ['/crl/ManagementCA/12.crl', 'ManagementCA', 12],
  ])('%s', (path, authority, generation) => {
    expect(readCrlPath(path)).toEqual({ authority, generation });
  });

  it.each([
    '/crl/',
    '/crl/.crl/',
    '/crl/a',
    '/crl/a/',
    '/crl/a/0.crl',
    '/crl/a/01.crl',
    '/crl/a/b.crl',
    '/crl/a/1/2.crl',
  ])('%s is none', (path) => {
    expect(isInCrlSpace(path)).toBe(true);
    expect(readCrlPath(path)).toBeUndefined();
  });
});
