import { altNamesProblem, type AltNameRules } from './alt-name-rules';

const FREE: AltNameRules = { requiredSubjectAltNames: [], maximumSubjectAltNames: 2, allowedDomains: [] };

const names = (...texts: string[]) =>
  texts.map((text) => ({ type: text.slice(0, text.indexOf(':')), value: text.slice(text.indexOf(':') + 1) }));

it('so many names are allowed', () => {
  expect(altNamesProblem(FREE, names('dns:a', 'dns:b'))).toBeUndefined();
  expect(altNamesProblem(FREE, names('dns:a', 'dns:b', 'ip:10.0.0.1'))).toContain('3 subjectAltNames, and 2');
  expect(altNamesProblem({ ...FREE, maximumSubjectAltNames: 0 }, names('dns:a'))).toBeDefined();
});

it('names of some types must be there', () => {
  const rules: AltNameRules = { ...FREE, requiredSubjectAltNames: ['dns', 'ip'] };
  expect(altNamesProblem(rules, names('ip:10.0.0.1', 'dns:a'))).toBeUndefined();
  expect(altNamesProblem(rules, names('dns:a'))).toContain('type ip is missing');
  expect(altNamesProblem(rules, [])).toContain('type dns is missing');
});

describe('hosts lie in allowed domains', () => {
  const rules: AltNameRules = { ...FREE, allowedDomains: ['Example.com', 'corp'] };

  it.each([
    'dns:example.com',
    'dns:a.b.EXAMPLE.com',
    'dns:*.example.com',
    'dns:host.corp',
    'email:a@example.com',
    'upn:a@b@corp',
    'uri:https://user@www.example.com:8443/path',
    'uri:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    'ip:192.0.2.1',
    'directoryName:CN=evil.org',
  ])('%s does', (name) => {
    expect(altNamesProblem(rules, names(name))).toBeUndefined();
  });

  it.each([
    'dns:notexample.com',
    'dns:example.com.evil.org',
    'dns:*',
    'dns:*.com',
    'dns:',
    'email:a@example.com@evil.org',
    'email:example.com@evil.org',
    'upn:a@',
    'uri:https://evil.org/example.com',
    'uri:https://example.com@evil.org/',
    'uri:https://evil.org#.example.com',
    'uri:https://evil.org\\.example.com',
    'uri:https://192.0.2.1/',
    'uri:https:evil.org',
    'uri:nonsense',
  ])('%s does not', (name) => {
    expect(altNamesProblem(rules, names(name))).toContain('none of the domains');
  });
});
