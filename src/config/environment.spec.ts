import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError } from './config-error';
import { loadConfig } from './environment';
import { isLoopback } from './listener-protection';

describe('loadConfig', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'scep-gateway-config-'));
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const file = (name: string, content: string): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  const mistakes = (environment: Record<string, string>): readonly string[] => {
    try {
      loadConfig(environment);
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as ConfigError).mistakes;
    }
  };

  it('has a default for everything, and is frozen', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      publicHost: '::',
      publicPort: 8080,
      adminHost: '127.0.0.1',
      adminPort: 9090,
      adminBehindProxy: false,
      databaseIsEmbedded: false,
      databasePoolSize: 4,
      dataDir: resolve('data'),
      logLevel: 'info',
      trustedProxies: [],
    });
    expect(config.workers).toBeGreaterThan(0);
    expect(config.publicUrl).toMatch(/^http:\/\/.+:8080$/);
    expect(config).not.toHaveProperty('databaseUrl');
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty variable for an absent one', () => {
    expect(loadConfig({ PUBLIC_PORT: '', ADMIN_TOKEN: ' ', DATABASE_URL: '' })).toEqual(loadConfig({}));
  });

  it('reads secrets from files, without the line break at the end', () => {
    const config = loadConfig({
      DATABASE_URL_FILE: file('url', 'postgresql://scep:hunter2@db/scep\n'),
      ADMIN_TOKEN_FILE: file('token', '0123456789abcdef\r\n'),
      KEY_ENCRYPTION_KEY_FILE: file('kek', '00'),
    });
    expect(config.databaseUrl).toBe('postgresql://scep:hunter2@db/scep');
    expect(config.adminToken).toBe('0123456789abcdef');
    expect(config.keyEncryptionKeyFile).toBe(join(directory, 'kek'));
  });

  it('names all mistakes at once, and never a value', () => {
    const found = mistakes({
      PUBLIC_PORT: 'hunter2',
      ADMIN_PORT: '99999',
      PUBLIC_URL: 'ftp://hunter2/',
      DATABASE_URL: 'mysql://hunter2',
      ADMIN_TOKEN: 'hunter2',
      WORKERS: '-1',
      LOG_LEVEL: 'hunter2',
      TRUSTED_PROXIES: '10.0.0.0/8, hunter2',
      ADMIN_BEHIND_PROXY: 'hunter2',
      KEY_ENCRYPTION_KEY_FILE: '/hunter2',
      ADMIN_TLS_CERT_FILE: '/hunter2',
    });
    const names = found.map((mistake) => mistake.split(' ')[0]);
    expect(new Set(names)).toEqual(
      new Set([
        'PUBLIC_PORT',
        'ADMIN_PORT',
        'PUBLIC_URL',
        'DATABASE_URL',
        'ADMIN_TOKEN',
        'WORKERS',
        'LOG_LEVEL',
        'TRUSTED_PROXIES',
        'ADMIN_BEHIND_PROXY',
        'KEY_ENCRYPTION_KEY_FILE',
        'ADMIN_TLS_CERT_FILE',
      ]),
    );
    expect(found.join()).not.toContain('hunter2');
  });

  it('refuses a secret given twice', () => {
    const both = { ADMIN_TOKEN: '0123456789abcdef', ADMIN_TOKEN_FILE: file('token', '0123456789abcdef') };
    expect(mistakes(both)).toEqual(['ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set: only one of them may be']);
  });

  it('demands key-encryption key and token beside a database that is not its own (ADR 7)', () => {
    expect(mistakes({ DATABASE_URL: 'postgresql://db/scep' })).toEqual([
      'KEY_ENCRYPTION_KEY_FILE is required with DATABASE_URL',
      'ADMIN_TOKEN or ADMIN_TOKEN_FILE is required with DATABASE_URL',
    ]);
  });

  it('lets administrators in from outside by TLS or a proxy only', () => {
    expect(mistakes({ ADMIN_HOST: '0.0.0.0' })).toEqual([expect.stringMatching(/^ADMIN_HOST is no loopback address/)]);
    expect(loadConfig({ ADMIN_HOST: '0.0.0.0', ADMIN_BEHIND_PROXY: 'true' }).adminBehindProxy).toBe(true);
    expect(mistakes({ ADMIN_TLS_CERT_FILE: file('c', 'x'), ADMIN_TLS_KEY_FILE: file('k', 'y') })).toEqual([
      expect.stringMatching(/hold no PEM certificate/),
    ]);
  });

  it("lets NDES's page be on a listener of its own, from outside by TLS or a proxy only", () => {
    expect(loadConfig({}).ndes).toBeUndefined();
    expect(loadConfig({ NDES_PORT: '9443' }).ndes).toEqual({ host: '127.0.0.1', port: 9443 });
    const outside = { NDES_PORT: '9443', NDES_HOST: '0.0.0.0' };
    expect(mistakes(outside)).toEqual([
      expect.stringMatching(/^NDES_HOST is no loopback address: set NDES_TLS_CERT_F/),
    ]);
    // What protects one listener does not protect the other.
    expect(mistakes({ ...outside, ADMIN_BEHIND_PROXY: 'true' })).toHaveLength(1);
    expect(loadConfig({ ...outside, NDES_BEHIND_PROXY: 'true' }).ndes?.host).toBe('0.0.0.0');
    expect(mistakes({ NDES_PORT: '9090' })).toEqual(['NDES_PORT is to differ from PUBLIC_PORT and ADMIN_PORT']);
    expect(mistakes({ NDES_PORT: 'hunter2' })).toHaveLength(1);
    expect(mistakes({ NDES_PORT: '1', NDES_TLS_KEY_FILE: 'x' })).toEqual([
      expect.stringMatching(/to be set together$/),
    ]);
    for (const [name, value] of [
      ['NDES_HOST', '127.0.0.1'],
      ['NDES_BEHIND_PROXY', 'true'],
    ] as const)
      expect(mistakes({ [name]: value })).toEqual([expect.stringMatching(/^NDES_PORT is missing/)]);
  });

  it('takes the slash off the end of PUBLIC_URL, and refuses what would not survive in a certificate', () => {
    expect(loadConfig({ PUBLIC_URL: 'https://scep.example.com/' }).publicUrl).toBe('https://scep.example.com');
    expect(loadConfig({ PUBLIC_URL: 'http://scep.example.com/a/' }).publicUrl).toBe('http://scep.example.com/a');
    for (const PUBLIC_URL of ['http://u:p@x/', 'http://x/?a', 'http://x/#a', 'x', 'http://']) {
      expect(mistakes({ PUBLIC_URL })).toHaveLength(1);
    }
  });

  it('refuses one port for both listeners', () => {
    expect(mistakes({ PUBLIC_PORT: '9090' })).toEqual(['ADMIN_PORT is to differ from PUBLIC_PORT']);
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com'])('%s is not', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
