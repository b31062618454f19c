import { AliasSecrets, SECRET_MASK, splitSecrets, withMasks } from './alias-secrets';

describe('the secrets of an alias', () => {
  it('are taken out of what is stored, and masked in what is shown', () => {
    const split = splitSecrets({ challenge: { kind: 'static', password: 'swordfish' }, enabled: true }, []);
    expect(split.open).toEqual({ challenge: { kind: 'static' }, enabled: true });
    expect(split.masked).toEqual({ challenge: { kind: 'static', password: SECRET_MASK }, enabled: true });
    expect([...split.fresh]).toEqual([['challenge.password', 'swordfish']]);
    expect(JSON.stringify([split.open, split.masked])).not.toContain('swordfish');
  });

  it('stay where the mask is given back', () => {
    const given = { challenge: { password: SECRET_MASK } };
    expect(splitSecrets(given, ['challenge.password'])).toMatchObject({ open: {}, kept: ['challenge.password'] });
    expect(() => splitSecrets(given, [])).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ field: 'challenge.password' })] }),
    );
  });

  it('are gone where nothing or an empty text is given', () => {
    for (const given of [{}, { challenge: {} }, { challenge: { password: '' } }, { challenge: { password: null } }])
      expect(splitSecrets(given, ['challenge.password'])).toMatchObject({ kept: [], masked: {} });
  });

  it('are put into settings as masks', () => {
    expect(withMasks({ enabled: true }, ['challenge.password'])).toEqual({
      enabled: true,
      challenge: { password: SECRET_MASK },
    });
  });

  it('do not show when they are printed', () => {
    const secrets = new AliasSecrets(new Map([['challenge.password', 'swordfish']]));
    expect(secrets.get('challenge.password')).toBe('swordfish');
    expect(JSON.stringify({ secrets })).toBe('{"secrets":{}}');
  });
});
