import { checkedInput } from '../common/checked-input';
import { ServiceError } from '../common/service-error';
import { EndEntityPatchInput, EndEntityStatusInput, NewEndEntityInput } from './end-entity.input';
import { checkedSubjectAltName } from '../profiles/subject-alt-name';

function fieldsOf(type: new () => object, given: unknown): string[] {
  try {
    checkedInput(type, given);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid-input')
      return [...new Set(error.fields.map(({ field }) => field))];
    throw error;
  }
  return [];
}

const minimal = { username: 'router-1', enrolmentCode: 'correct horse' };

describe('a new end entity', () => {
  it('needs a user name and an enrolment code only', () => {
    expect(fieldsOf(NewEndEntityInput, minimal)).toEqual([]);
    expect(fieldsOf(NewEndEntityInput, {})).toEqual(['username', 'enrolmentCode']);
  });

  it('has no enrolment code if that is said, and not by forgetting it', () => {
    expect(fieldsOf(NewEndEntityInput, { ...minimal, enrolmentCode: null })).toEqual([]);
    expect(fieldsOf(NewEndEntityInput, { username: 'router-1' })).toEqual(['enrolmentCode']);
  });

  it.each([
    ['a blank, behind which the CN is cut', 'router 1'],
    ['a no-break space', 'router\u00a01'],
    ['a line break', 'router\n'],
    ['a zero-width space', 'rou\u200bter'],
    ['a direction mark', 'router\u202e'],
    ['U+0000', 'router\0'],
    ['nothing', ''],
    ['too much', 'x'.repeat(256)],
    ['no text', 7],
  ])('refuses a user name with %s', (_, username) => {
    expect(fieldsOf(NewEndEntityInput, { ...minimal, username })).toEqual(['username']);
  });

  it.each(['röuter.example.org', 'a+b/c@d', '路由器', 'x'.repeat(255)])('takes the user name %s', (username) => {
    expect(fieldsOf(NewEndEntityInput, { ...minimal, username })).toEqual([]);
  });

  it.each(['', ' ', '\u00a0\u2003', 'x'.repeat(256), 'line\n', 1234])('refuses the code %j', (enrolmentCode) => {
    expect(fieldsOf(NewEndEntityInput, { ...minimal, enrolmentCode })).toEqual(['enrolmentCode']);
  });

  it.each([
    [{ allowedRequests: 0 }, 'allowedRequests'],
    [{ allowedRequests: 1.5 }, 'allowedRequests'],
    [{ subject: 7 }, 'subject'],
    [{ subjectAltNames: 'x' }, 'subjectAltNames'],
    [{ subjectAltNames: [{ type: 'x400', value: 'a' }] }, 'subjectAltNames[0].type'],
    [{ subjectAltNames: [{ type: 'dns', value: 'a', critical: true }] }, 'subjectAltNames[0].critical'],
    [{ password: 'x' }, 'password'],
  ])('refuses %j', (extra, field) => {
    expect(fieldsOf(NewEndEntityInput, { ...minimal, ...extra })).toEqual([field]);
  });
});

describe('a change of an end entity', () => {
  it('takes null for "as by default", but not for the code', () => {
    expect(fieldsOf(EndEntityPatchInput, { subject: null, allowedRequests: null })).toEqual([]);
    expect(fieldsOf(EndEntityPatchInput, { enrolmentCode: null })).toEqual(['enrolmentCode']);
  });

  it('cannot change status or user name on the way', () => {
    expect(fieldsOf(EndEntityPatchInput, { status: 'NEW', username: 'x' })).toEqual(['status', 'username']);
  });
});

describe('a change of status', () => {
  it('takes names, not numbers', () => {
    expect(fieldsOf(EndEntityStatusInput, { status: 'NEW' })).toEqual([]);
    expect(fieldsOf(EndEntityStatusInput, { status: 10 })).toEqual(['status']);
    expect(fieldsOf(EndEntityStatusInput, { status: 'new' })).toEqual(['status']);
  });
});

describe('an alternative name', () => {
  it.each([
    ['dns', 'router_1.example.org', 'router_1.example.org'],
    ['dns', '*.example.org', '*.example.org'],
    ['ip', '2001:DB8:0:0::1', '2001:db8::1'],
    ['ip', '192.0.2.1', '192.0.2.1'],
    ['email', 'a@example.org', 'a@example.org'],
    ['uri', 'urn:uuid:1', 'urn:uuid:1'],
    ['upn', 'user@corp.example', 'user@corp.example'],
    ['registeredID', '1.2.3', '1.2.3'],
    ['directoryName', 'CN=a, O=b', 'CN=a,O=b'],
  ] as const)('%s %s is stored as %s', (type, value, stored) => {
    expect(checkedSubjectAltName({ type, value })).toEqual({ type, value: stored });
  });

  it.each([
    ['dns', 'two words'],
    ['dns', 'a..b'],
    ['dns', 'ä.example'],
    ['ip', '300.1.1.1'],
    ['ip', 'router'],
    ['email', 'nobody'],
    ['uri', '/relative'],
    ['registeredID', 'x'],
    ['directoryName', 'nonsense'],
  ] as const)('%s %s is refused', (type, value) => {
    expect(typeof checkedSubjectAltName({ type, value })).toBe('string');
  });
});
