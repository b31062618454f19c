import { checkedAlias } from '../../aliases/alias.input';
import { ServiceError } from '../../common/service-error';

const INTUNE = { tenant: 'example.onmicrosoft.test', applicationId: '1111-2222', applicationKey: '********' };

/** Which fields are wrong, sorted. */
function wrongFields(settings: object): string[] {
  try {
    checkedAlias(settings);
    return [];
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return error.fields.map(({ field }) => field).sort();
  }
}

const alias = (intune: object, more: object = {}): object => ({
  challenge: { kind: 'intune', intune: { ...INTUNE, ...intune } },
  renewal: { challengeRequired: true },
  ...more,
});

describe('the settings of an alias that asks Intune', () => {
  it('can be as they are', () => {
    expect(wrongFields(alias({}))).toEqual([]);
    expect(wrongFields(alias({}, { renewal: { enabled: false } }))).toEqual([]);
    expect(wrongFields(alias({ proxyUrl: 'http://proxy.example.test:3128', proxyUser: 'gateway' }))).toEqual([]);
    const relay = 'http://127.0.0.1:8099/';
    expect(wrongFields(alias({ authority: relay, graphUrl: relay }))).toEqual([]);
  });

  it('say with what it is asked, or the alias is not enabled', () => {
    const empty = alias({ tenant: '', applicationId: null, applicationKey: '' });
    const missing = ['applicationId', 'applicationKey', 'tenant'].map((name) => `challenge.intune.${name}`);
    expect(wrongFields(empty)).toEqual(missing);
    expect(wrongFields({ ...empty, enabled: false })).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['tenant', 'example/../other'],
    ['applicationId', 'id?x'],
    ['authority', 'http://login.example.test/'],
    ['authority', 'https://user:word@login.example.test/'],
    ['graphUrl', 'http://169.254.169.254/'],
    ['graphUrl', 'http://localhost.example.test/'],
    ['graphUrl', 'https://graph.example.test/?a=b'],
    ['resourceUrl', 'none'],
    ['proxyUrl', 'https://proxy.example.test'],
    ['proxyUrl', 'http://gateway:word@proxy.example.test'],
    ['timeout', 0],
    ['timeout', 61],
    ['releaseWithin', '0d'],
    ['releaseWithin', 'soon'],
  ])('cannot have %s %j', (name, value) => {
    expect(wrongFields(alias({ [name]: value }))).toEqual([`challenge.intune.${name}`]);
  });

  it.each<[string, object]>([
    ['approval.enrolment', { approval: { enrolment: true } }],
    ['approval.renewal', { approval: { renewal: true } }],
    ['ra.existingEndEntity', { ra: { existingEndEntity: 'approval' } }],
    ['renewal.challengeRequired', { renewal: {} }],
  ])('leave neither an officer nor a renewal beside it: %s', (field, more) => {
    expect(wrongFields(alias({}, more))).toEqual([field]);
  });

  it('revoke no certificate for one that the service may still refuse', () => {
    expect(wrongFields(alias({}, { limits: { supersede: 'atOnce' } }))).toEqual(['limits.supersede']);
    expect(wrongFields(alias({}, { limits: { supersede: '2d' } }))).toEqual([]);
  });
});
