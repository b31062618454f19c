import { DistinguishedName } from '../pki/x509/distinguished-name';
import { requestedUsername } from './requested-username';

const of = (subject: string) => requestedUsername(DistinguishedName.parse(subject));

describe('user name of a request', () => {
  it.each([
    ['CN=router-1,O=Example', 'router-1'],
    ['CN=router-1 in the cellar', 'router-1'],
    ['CN=\\  router-1', 'router-1'],
    ['O=Example,serialNumber=FTX1234', 'FTX1234'],
    ['unstructuredName=pix.example.com,unstructuredAddress=10.1.1.1', 'pix.example.com'],
    ['OU=x,serialNumber=FTX1234+unstructuredName=r.example.com', 'FTX1234'],
    ['CN=first,CN=second', 'first'],
  ])('I-30: %s is %s', (subject, username) => {
    expect(of(subject)).toBe(username);
  });

  it.each(['O=Example', '', 'CN=\\ '])('%j names no user', (subject) => {
    expect(() => of(subject)).toThrow(expect.objectContaining({ code: 'request-refused', rule: 'request.username' }));
  });
});
