import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCliEnvironment } from './cli-environment';
import { ConfigError } from './config-error';

const directory = mkdtempSync(join(tmpdir(), 'cli-environment-'));
writeFileSync(join(directory, 'admin-token'), 'token-of-the-data-directory\n');
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('the environment of commands', () => {
  it('is the gateway of this machine and its token, unless told otherwise', () => {
    expect(loadCliEnvironment({}, { DATA_DIR: directory })).toEqual({
      gatewayUrl: 'http://127.0.0.1:9090',
      token: 'token-of-the-data-directory',
    });
  });

  it('takes the command line before SCEP_GATEWAY_TOKEN before ADMIN_TOKEN before the file', () => {
    const environment = { DATA_DIR: directory, ADMIN_TOKEN: 'admin', SCEP_GATEWAY_TOKEN: 'gateway' };
    expect(loadCliEnvironment({ token: 'typed' }, environment).token).toBe('typed');
    expect(loadCliEnvironment({}, environment).token).toBe('gateway');
    expect(loadCliEnvironment({}, { ...environment, SCEP_GATEWAY_TOKEN: '' }).token).toBe('admin');
  });

  it('never sends the token of this machine to another one', () => {
    const environment = { DATA_DIR: directory, ADMIN_TOKEN: 'admin', SCEP_GATEWAY_URL: 'https://gateway.example.com/' };
    expect(loadCliEnvironment({}, environment)).toEqual({
      gatewayUrl: 'https://gateway.example.com',
      token: undefined,
    });
    expect(loadCliEnvironment({ gatewayUrl: 'http://192.0.2.1:9090' }, { DATA_DIR: directory }).token).toBeUndefined();
  });

  it('is without a token where there is none', () => {
    expect(loadCliEnvironment({}, { DATA_DIR: join(directory, 'elsewhere') }).token).toBeUndefined();
  });

  it.each([
    [{ SCEP_GATEWAY_URL: 'gateway:9090' }, 'SCEP_GATEWAY_URL'],
    [{ SCEP_GATEWAY_URL: 'https://me:secret@gateway' }, 'SCEP_GATEWAY_URL'],
    [{ SCEP_GATEWAY_TOKEN: 'x', SCEP_GATEWAY_TOKEN_FILE: '/y' }, 'SCEP_GATEWAY_TOKEN_FILE'],
  ])('refuses %j', (environment, told) => {
    expect(() => loadCliEnvironment({}, environment)).toThrow(ConfigError);
    expect(() => loadCliEnvironment({}, environment)).toThrow(told);
    expect(() => loadCliEnvironment({}, environment)).not.toThrow('secret@');
  });
});
