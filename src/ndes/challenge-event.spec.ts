import { asksForChallenge } from './challenge-event';

const asks = (text: string): boolean => asksForChallenge(Buffer.from(text));

describe('a webhook', () => {
  it('asks for a challenge by its event', () => {
    const message = {
      webhook: { id: 1, webhookEvent: 'SCEPChallenge', eventTimestamp: 1_767_322_245_000, name: 'SCEPChallenge' },
      event: {
        scepServerUrl: 'https://scep.example.org/scep/phones',
        payloadIdentifier: 'BF1C7E4A-0000-4000-8000-000000000001',
        payloadTypes: ['com.apple.security.scep'],
      },
    };
    expect(asks(JSON.stringify(message))).toBe(true);
  });

  it.each([
    '',
    'no JSON',
    'null',
    '[]',
    '"SCEPChallenge"',
    '{}',
    '{"webhook":null}',
    '{"webhook":{"webhookEvent":"ComputerAdded"}}',
    '{"webhookEvent":"SCEPChallenge"}',
    '{"webhook":{"webhookEvent":["SCEPChallenge"]}}',
  ])('does not by %j', (text) => {
    expect(asks(text)).toBe(false);
  });
});
