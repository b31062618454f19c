import { isInScepSpace, readScepPath } from './scep-path';

const alias = (name: string) => ({ kind: 'alias', name });

describe('paths that name an alias', () => {
  it.each([
    ['/scep/vpn/pkiclient.exe', 'vpn'],
    ['/scep/vpn', 'vpn'],
    ['/scep/vpn/', 'vpn'],
    ['/scep/pkiclient.exe', 'scep'],
    ['/scep', 'scep'],
    ['/scep/', 'scep'],
    ['/cgi-bin/pkiclient.exe', 'scep'],
    ['/pkiclient.exe', 'scep'],
    ['/ejbca/publicweb/apply/scep/vpn/pkiclient.exe', 'vpn'],
    ['/ejbca/publicweb/apply/scep/pkiclient.exe', 'scep'],
    ['/scepraserver/scep/pkiclient.exe', 'scep'],
    ['/scepraserver/scep/vpn/pkiclient.exe', 'vpn'],
    ['/scep/my-alias_1/pkiclient.exe', 'my-alias_1'],
    ['/scep/VPN/pkiclient.exe', 'VPN'],
    ['/SCEP/vpn/PKICLIENT.EXE', 'vpn'],
  ])('%s is alias %s', (path, name) => {
    expect(readScepPath(path)).toEqual(alias(name));
  });

  // what stands behind the alias is not significant
  it.each([
    '/x',
    '/x/',
    '/x/pkiclient.exe',
    '/x/cgi-bin/pkiclient.exe',
    '/x//pkiclient.exe',
    '/x/pkiclient.exe/pkiclient.exe',
    '/x/mscep.dll',
  ])('A-03: /scep%s is alias x', (suffix) => {
    expect(readScepPath(`/scep${suffix}`)).toEqual(alias('x'));
  });

  it.each([
    '/certsrv/mscep/mscep.dll',
    '/CERTSRV/MSCEP/MSCEP.DLL',
    '/certsrv/mscep/mscep.dll/',
    '/CertSrv/mscep/mscep.dll/pkiclient.exe',
    '/certsrv/mscep/pkiclient.exe',
    '//certsrv//mscep/',
    '/certsrv/mscep/',
    '/certsrv/mscep',
  ])('%s is the path of NDES', (path) => {
    expect(readScepPath(path)).toEqual({ kind: 'ndes', name: undefined });
  });

  it.each([
    '/certsrv/Phones/mscep/mscep.dll',
    '/CertSrv/Phones/MSCEP/',
    '/certsrv/Phones/mscep/mscep.dll/pkiclient.exe',
  ])('%s is that of an alias by its name', (path) => {
    expect(readScepPath(path)).toEqual({ kind: 'ndes', name: 'Phones' });
  });

  it.each([
    '/',
    '/scepx',
    '/certsrv/mscep_admin/',
    '/certsrv/mscep_admin/mscep.dll',
    '/certsrv/x/mscep_admin/',
    '/certsrv/x',
    '/certsrv/mscepx',
    '/api/v1/aliases',
    '/health/live',
    '/xscep/a',
  ])('%s is none of SCEP', (path) => {
    expect(readScepPath(path)).toBeUndefined();
    expect(isInScepSpace(path)).toBe(false);
  });

  it.each(['/scep/bad alias/pkiclient.exe', `/scep/${'x'.repeat(33)}/pkiclient.exe`, '/scep/a.b'])(
    '%s lies in the space of SCEP but names no alias',
    (path) => {
      expect(readScepPath(path)).toBeUndefined();
      expect(isInScepSpace(path)).toBe(true);
    },
  );
});
