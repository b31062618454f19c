import { readNdesPath } from './ndes-path';

describe("the path of NDES's page", () => {
  it.each([
    '/certsrv/mscep_admin/',
    '/CertSrv/mscep_admin/',
    '/CERTSRV/MSCEP_ADMIN/',
    '//certsrv//mscep_admin/',
    '/certsrv/mscep_admin/mscep.dll',
    '/certsrv/mscep_admin/MSCEP.dll/',
    '/certsrv/mscep_admin/mscep.dll/pkiclient.exe',
  ])('%s is the page of the alias that answers on that path', (path) => {
    expect(readNdesPath(path)).toEqual({ alias: undefined, redirectTo: undefined });
  });

  it.each(['/certsrv/Phones_1/mscep_admin/', '/certsrv/Phones_1/MSCEP_ADMIN/mscep.dll'])(
    '%s is that of an alias by its name, whose case matters',
    (path) => {
      expect(readNdesPath(path)).toEqual({ alias: 'Phones_1', redirectTo: undefined });
    },
  );

  it.each([
    ['/certsrv/mscep_admin', '/certsrv/mscep_admin/'],
    ['/CertSrv/MSCEP_admin', '/certsrv/mscep_admin/'],
    ['//certsrv/mscep_admin', '/certsrv/mscep_admin/'],
    ['/certsrv/Phones/mscep_admin', '/certsrv/Phones/mscep_admin/'],
  ])('%s leads to %s', (path, redirectTo) => {
    expect(readNdesPath(path)?.redirectTo).toBe(redirectTo);
  });

  it.each([
    '/',
    '/certsrv/mscep/mscep.dll',
    '/certsrv/mscep_admin.dll',
    '/certsrv/mscep_admin/other',
    '/certsrv/mscep_admins/',
    '/certsrv/a/b/mscep_admin/',
    '/certsrv/a.b/mscep_admin/',
    '/x/certsrv/mscep_admin/',
    '/mscep_admin/',
  ])('%s is none', (path) => {
    expect(readNdesPath(path)).toBeUndefined();
  });
});
