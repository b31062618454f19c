import { checkedInput } from '../../common/checked-input';
import { authorityRequest, type AuthorityRequest } from './authority-request';
import { NewAuthorityBody } from './authority.body';

const requestOf = (body: object): AuthorityRequest => authorityRequest(checkedInput(NewAuthorityBody, body));

function fieldsOf(body: object): string[] {
  try {
    requestOf(body);
  } catch (error) {
    return (error as { fields: { field: string }[] }).fields.map(({ field }) => field);
  }
  return [];
}

describe('authorityRequest', () => {
  it('makes a root of a name and a subject', () => {
    expect(requestOf({ name: 'CA', subject: 'CN=CA' })).toEqual({
      kind: 'create',
      request: { name: 'CA', subject: 'CN=CA', settings: {} },
    });
  });

  it('makes a subordinate of an authority here, or of a CA elsewhere', () => {
    expect(requestOf({ name: 'A', subject: 'CN=A', issuer: 'Root' })).toMatchObject({
      request: { issuer: { authority: 'Root' } },
    });
    expect(requestOf({ name: 'A', subject: 'CN=A', externalIssuer: true })).toMatchObject({
      request: { issuer: 'external' },
    });
    expect(requestOf({ name: 'A', subject: 'CN=A', issuer: null, externalIssuer: false })).toMatchObject({
      request: { issuer: undefined },
    });
  });

  it('takes null for absent, in the settings too', () => {
    const settings = { digest: 'sha384', raCertificate: null };
    expect(requestOf({ name: 'CA', subject: 'CN=CA', description: null, keyAlgorithm: null, settings })).toEqual({
      kind: 'create',
      request: { name: 'CA', subject: 'CN=CA', settings: { digest: 'sha384' } },
    });
  });

  it('imports a PKCS #12 file', () => {
    const pkcs12 = Buffer.from('a file').toString('base64');
    expect(requestOf({ name: 'CA', pkcs12, password: 'secret' })).toEqual({
      kind: 'import',
      request: { name: 'CA', pkcs12: Buffer.from('a file'), password: 'secret', settings: {} },
    });
    expect(requestOf({ name: 'CA', pkcs12 })).toMatchObject({ request: { password: '' } });
  });

  it.each([
    [{ name: 'CA' }, ['subject']],
    [{ name: 'CA', subject: '' }, ['subject']],
    [{ name: 'CA/1', subject: 'CN=CA' }, ['name']],
    [{ subject: 'CN=CA' }, ['name']],
    [{ name: 'CA', subject: 'CN=CA', password: 'x', chain: 'y' }, ['password', 'chain']],
    [{ name: 'CA', pkcs12: 'YQ==', subject: 'CN=CA', issuer: 'Root' }, ['subject', 'issuer']],
    [{ name: 'CA', pkcs12: 'not base64!' }, ['pkcs12']],
    [
      { name: 'CA', subject: 'CN=CA', externalIssuer: true, issuer: 'Root', validityDays: 1 },
      ['issuer', 'validityDays'],
    ],
    [{ name: 'CA', subject: 'CN=CA', keyAlgorithm: 'RSA-1024' }, ['keyAlgorithm']],
    [{ name: 'CA', subject: 'CN=CA', validityDays: 0 }, ['validityDays']],
    [{ name: 'CA', subject: 'CN=CA', settings: { raValidityDays: 89 } }, ['settings.raValidityDays']],
    [{ name: 'CA', subject: 'CN=CA', settings: { digest: 'sha1' } }, ['settings.digest']],
    [{ name: 'CA', subject: 'CN=CA', keyAlgorithn: 'RSA-2048' }, ['keyAlgorithn']],
  ])('refuses %j', (body, fields) => {
    expect(fieldsOf(body)).toEqual(fields);
  });
});
