import { ERROR_CODES } from '../common/error-code';
import { ServiceError } from '../common/service-error';
import { httpProblem, problemOf } from './problem';

describe('problems (RFC 9457)', () => {
  it('are HTTP errors, whatever the code', () => {
    for (const code of ERROR_CODES) {
      const { status, type } = problemOf(new ServiceError(code, 'x'));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(type).toBe(`urn:scep-gateway:problem:${code}`);
    }
  });

  it('name fields and explanation where there are any', () => {
    const plain = problemOf(new ServiceError('conflict', 'x'));
    expect('errors' in plain || 'explanation' in plain).toBe(false);
    const fields = [{ field: 'name', message: 'is wrong' }];
    expect(problemOf(new ServiceError('invalid-input', 'x', { fields, explanation: 'y' }))).toMatchObject({
      status: 400,
      detail: 'x',
      explanation: 'y',
      errors: fields,
    });
  });

  it('of HTTP itself have texts of our own', () => {
    expect(httpProblem(413).title).toBe('Too large');
    expect(httpProblem(418)).toMatchObject({ status: 418, type: 'about:blank' });
  });
});
