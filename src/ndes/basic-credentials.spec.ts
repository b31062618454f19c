import { readBasicCredentials } from './basic-credentials';

const basic = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

describe('Basic credentials', () => {
  it.each([
    ['mdm:secret', 'mdm', 'secret'],
    ['CORP\\mdm:a:b:', 'CORP\\mdm', 'a:b:'],
    [':', '', ''],
    ['Jürgen:Grüße', 'Jürgen', 'Grüße'],
  ])('%s', (text, username, password) => {
    expect(readBasicCredentials(`Basic ${basic(text)}`)).toEqual({ username, password });
    expect(readBasicCredentials(`basic  ${basic(text)} `)).toEqual({ username, password });
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    `Basic ${basic('no colon')}`,
    'Basic *',
    `Bearer ${basic('a:b')}`,
    `NTLM ${basic('a:b')}`,
    `Negotiate ${basic('a:b')}`,
    `Basic ${basic('a:b')}, Basic ${basic('a:b')}`,
  ])('are not in %s', (header) => {
    expect(readBasicCredentials(header)).toBeUndefined();
  });
});
