import { readWebhookAnswer, WebhookAnswerError } from './webhook-answer';

describe("a webhook's answer", () => {
  it('allows', () => {
    expect(readWebhookAnswer({ decision: 'allow' })).toEqual({ decision: 'allow', content: undefined });
    expect(readWebhookAnswer({ decision: 'allow', content: null })).toEqual({ decision: 'allow', content: undefined });
  });

  it('denies, with and without reasons', () => {
    expect(readWebhookAnswer({ decision: 'deny' })).toEqual({ decision: 'deny', reason: undefined, told: undefined });
    expect(readWebhookAnswer({ decision: 'deny', reason: 'not in stock', told: 'call 4711' })).toEqual({
      decision: 'deny',
      reason: 'not in stock',
      told: 'call 4711',
    });
  });

  it('puts values in', () => {
    const answer = readWebhookAnswer({
      decision: 'allow',
      content: {
        subject: 'CN=phone-7,O=Example',
        subjectAltNames: [
          { type: 'ip', value: '2001:DB8::1' },
          { type: 'dns', value: 'phone-7.example.org' },
        ],
        certificateProfile: 'PHONES',
      },
    });
    expect(answer).toMatchObject({
      decision: 'allow',
      content: {
        subjectAltNames: [
          { type: 'ip', value: '2001:db8::1' },
          { type: 'dns', value: 'phone-7.example.org' },
        ],
        certificateProfile: 'PHONES',
      },
    });
    expect(answer.decision === 'allow' && answer.content?.subject?.toString()).toBe('CN=phone-7,O=Example');
  });

  it.each([
    ['nothing', null],
    ['a text', 'allow'],
    ['a list', [{ decision: 'allow' }]],
    ['no decision', {}],
    ['another decision', { decision: 'maybe' }],
    ['a decision in capitals', { decision: 'ALLOW' }],
    ['a decision that is true', { decision: true }],
    ['an unknown field', { decision: 'allow', contents: {} }],
    ['content with a denial', { decision: 'deny', content: {} }],
    ['a reason with an allowance', { decision: 'allow', reason: 'why not' }],
    ['a reason that is a number', { decision: 'deny', reason: 5 }],
    ['content that is a text', { decision: 'allow', content: 'CN=a' }],
    ['unknown content', { decision: 'allow', content: { keyUsage: ['keyCertSign'] } }],
    ['a subject that is none', { decision: 'allow', content: { subject: 'phone-7' } }],
    ['a subject with a NUL', { decision: 'allow', content: { subject: 'CN=a\0b' } }],
    ['an endless subject', { decision: 'allow', content: { subject: `CN=${'x'.repeat(2000)}` } }],
    ['names that are no list', { decision: 'allow', content: { subjectAltNames: { dns: 'a.test' } } }],
    [
      'too many names',
      { decision: 'allow', content: { subjectAltNames: Array(101).fill({ type: 'dns', value: 'a' }) } },
    ],
    ['a name of an unknown type', { decision: 'allow', content: { subjectAltNames: [{ type: 'x400', value: 'a' }] } }],
    ['raw names', { decision: 'allow', content: { subjectAltNames: [{ type: 'other', value: 'a000' }] } }],
    ['a name that fits no type', { decision: 'allow', content: { subjectAltNames: [{ type: 'ip', value: 'host' }] } }],
    ['a name without a value', { decision: 'allow', content: { subjectAltNames: [{ type: 'dns' }] } }],
    ['a profile without a name', { decision: 'allow', content: { certificateProfile: '' } }],
    ['inherited fields', Object.create({ decision: 'allow' }, { extra: { value: 1, enumerable: true } })],
  ])('is not understood: %s', (_, answer) => {
    expect(() => readWebhookAnswer(answer)).toThrow(WebhookAnswerError);
  });
});
