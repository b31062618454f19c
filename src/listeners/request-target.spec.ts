import { readRequestTarget } from './request-target';

describe('readRequestTarget', () => {
  it.each([
    ['/scep?operation=GetCACaps', '/scep', 'operation=GetCACaps'],
    ['/scep', '/scep', ''],
    ['/scep?', '/scep', ''],
    ['/scep??operation=x?y', '/scep', '?operation=x?y'],
    ['/scep?message=A+B%2B%0A', '/scep', 'message=A+B%2B%0A'],
    ['/sc%65p/%C3%A9?x', '/scep/é', 'x'],
    ['http://ra.example.com/scep?x', '/scep', 'x'],
    ['HTTP://ra.example.com:8080/scep/a%2Fb', '/scep/a/b', ''],
    ['http://ra.example.com?x', '/', 'x'],
    ['http://[2001:db8::1]:80/scep?url=http://x/', '/scep', 'url=http://x/'],
    ['/scep?url=http://x/', '/scep', 'url=http://x/'],
    ['//scep', '//scep', ''],
    ['*', '/*', ''],
  ])('reads %s', (url, path, query) => {
    expect(readRequestTarget({ url })).toEqual({ path, query });
  });

  it.each(['/%E4', '/%', '/%zz'])('refuses %s', (url) => {
    expect(readRequestTarget({ url })).toBeUndefined();
  });
});
