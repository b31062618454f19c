import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { type GeneralName, generalNames } from '../../pki/x509/general-name';
import { Oid } from '../../pki/x509/oid';
import { type AskedFor, bindingMismatch } from './one-time-mismatch';

const asked = (subject: string, names: readonly GeneralName[] = [], more: Partial<AskedFor> = {}): AskedFor => ({
  certificationRequest: {
    subject: DistinguishedName.parse(subject),
    extensions: names.length === 0 ? [] : [{ oid: Oid.subjectAltName, critical: false, value: generalNames(names) }],
  },
  username: 'router-1',
  operationalMode: 'CA',
  isRenewal: false,
  ...more,
});
const NOTHING = { subject: null, subjectAltNames: null, username: null };
const HOST: GeneralName = { type: 'dns', value: 'router-1.example.org' };
const ADDRESS: GeneralName = { type: 'ip', value: '192.0.2.1' };

describe('a challenge that is bound to nothing', () => {
  it('allows whatever is asked for', () => {
    expect(bindingMismatch(NOTHING, asked('CN=anyone', [HOST, ADDRESS]))).toBeUndefined();
  });
});

describe('a challenge that is bound to a subject', () => {
  const binding = { ...NOTHING, subject: 'CN=Router 1,O=Example\\, Ltd', subjectAltNames: [] };

  it.each([
    ['as it is written', 'CN=Router 1,O=Example\\, Ltd'],
    ['in another letter case and with other blanks', 'CN=ROUTER   1,O=example\\, ltd'],
  ])('allows it %s', (_, subject) => {
    expect(bindingMismatch(binding, asked(subject))).toBeUndefined();
  });

  it.each([
    ['another name', 'CN=Router 2,O=Example\\, Ltd'],
    ['a part of it', 'CN=Router 1'],
    ['one attribute more', 'CN=Router 1,O=Example\\, Ltd,C=SE'],
    ['another order', 'O=Example\\, Ltd,CN=Router 1'],
    ['a name that only reads the same', 'CN=Router 1\\,O=Example\\, Ltd'],
    ['none', ''],
  ])('refuses %s', (_, subject) => {
    expect(bindingMismatch(binding, asked(subject))).toMatchObject({ rule: 'challenge.oneTime.subject' });
  });

  it('refuses a subjectAltName beside it', () => {
    const mismatch = bindingMismatch(binding, asked(binding.subject, [HOST]));
    expect(mismatch).toEqual({
      rule: 'challenge.oneTime.subjectAltNames',
      explanation:
        'the challenge is bound to no subjectAltName, and the request asks for dns:router-1.example.org as well',
    });
  });
});

describe('a challenge that is bound to subjectAltNames', () => {
  const binding = { ...NOTHING, subjectAltNames: [HOST, ADDRESS] as never };

  it('allows them in any order and letter case', () => {
    const other: GeneralName = { type: 'dns', value: 'ROUTER-1.Example.org' };
    expect(bindingMismatch(binding, asked('CN=a', [ADDRESS, other]))).toBeUndefined();
  });

  it.each<[string, GeneralName[]]>([
    ['one more', [HOST, ADDRESS, { type: 'dns', value: 'ca.example.org' }]],
    ['another one', [ADDRESS, { type: 'dns', value: 'router-2.example.org' }]],
    ['one of another form', [HOST, ADDRESS, { type: 'uri', value: 'urn:a' }]],
    ['one that cannot be shown', [HOST, ADDRESS, { type: 'other', value: 'a303020101' }]],
    ['fewer', [HOST]],
    ['none', []],
  ])('refuses %s', (_, names) => {
    expect(bindingMismatch(binding, asked('CN=a', names))).toMatchObject({ rule: 'challenge.oneTime.subjectAltNames' });
  });

  it('refuses what cannot be read', () => {
    const request = asked('CN=a');
    const extensions = [{ oid: Oid.subjectAltName, critical: false, value: Buffer.of(1, 2, 3) }];
    const unreadable = { ...request, certificationRequest: { ...request.certificationRequest, extensions } };
    expect(bindingMismatch(binding, unreadable)).toMatchObject({ rule: 'challenge.oneTime.subjectAltNames' });
  });
});

describe('a challenge that is bound to a user name', () => {
  const binding = { ...NOTHING, username: 'router-1' };

  it('allows that end entity and no other', () => {
    expect(bindingMismatch(binding, asked('CN=router-1'))).toBeUndefined();
    expect(bindingMismatch(binding, asked('CN=Router-1', [], { username: 'Router-1' }))).toMatchObject({
      rule: 'challenge.oneTime.username',
    });
  });

  it('leaves the CN to the subject where it is bound to one', () => {
    const both = { ...binding, subject: 'CN=John Doe', subjectAltNames: [] };
    expect(bindingMismatch(both, asked('CN=John Doe', [], { username: 'John' }))).toBeUndefined();
  });

  it('names the end entity in RA mode, whatever the CN', () => {
    const request = asked('CN=anything', [], { username: 'anything', operationalMode: 'RA' });
    expect(bindingMismatch(binding, request)).toBeUndefined();
  });

  it('renews the certificate of no other end entity, in RA mode neither', () => {
    const renewal = { operationalMode: 'RA', isRenewal: true } as const;
    expect(bindingMismatch(binding, asked('CN=router-1', [], renewal))).toBeUndefined();
    expect(bindingMismatch(binding, asked('CN=x', [], { ...renewal, username: 'router-2' }))).toMatchObject({
      rule: 'challenge.oneTime.username',
    });
  });
});
