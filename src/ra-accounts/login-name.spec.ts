import { accountNameOf } from './login-name';

describe('the name that somebody logs in by', () => {
  it.each(['mdm', 'MDM', 'CORP\\mdm', 'corp.example\\Mdm', 'mdm@corp.example', 'mdm@corp@example', '.\\mdm'])(
    '%s is the account mdm',
    (typed) => {
      expect(accountNameOf(typed)).toBe('mdm');
    },
  );

  it.each(['', '@corp', 'CORP\\', 'CORP\\@corp'])('"%s" is nobody', (typed) => {
    expect(accountNameOf(typed)).toBe('');
  });
});
