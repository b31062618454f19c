import { Writable } from 'node:stream';
import { ServiceError } from './service-error';
import { createLogger, NestLogger } from './logger';
import type { LogLevel } from './logger';

function capture(level: LogLevel = 'trace') {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { logger: createLogger(level, stream), lines };
}

describe('createLogger', () => {
  it('writes named levels and the time in ISO 8601', () => {
    const { logger, lines } = capture();
    logger.warn({ alias: 'scep' }, 'hello');
    expect(lines[0]).toMatchObject({ level: 'warn', alias: 'scep', msg: 'hello', pid: process.pid });
    expect(lines[0]!.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('hides secrets at the top and two levels down', () => {
    const { logger, lines } = capture();
    logger.info({ password: 'hunter2', body: { enrolmentCode: 'hunter2', deep: { challengePassword: 'hunter2' } } });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(lines[0]!.password).toBe('[secret]');
  });

  it('logs code, explanation and causes of an error, but not the parameters a database error carries', () => {
    const { logger, lines } = capture();
    const fromDriver = Object.assign(new Error('duplicate key value'), {
      code: '23505',
      parameters: ['hunter2'],
      detail: 'Failing row contains (hunter2)',
      driverError: { parameters: ['hunter2'] },
    });
    const error = new ServiceError('conflict', 'try again', { cause: fromDriver, explanation: 'two at once' });
    logger.error({ err: error }, 'failed');
    expect(lines[0]!.err).toMatchObject({ code: 'conflict', explanation: 'two at once', cause: { code: '23505' } });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('follows a chain of causes that never ends only so far', () => {
    const { logger, lines } = capture();
    const error = new Error('round');
    error.cause = error;
    logger.error({ err: error });
    expect(JSON.stringify(lines[0]).split('"round"').length).toBeLessThan(10);
  });
});

describe('NestLogger', () => {
  it('keeps message and context, and the stack of an error', () => {
    const { logger, lines } = capture();
    const nest = new NestLogger(logger);
    nest.error('boom', 'at somewhere', 'ExceptionsHandler');
    nest.log('mapped', 'Router');
    expect(lines).toMatchObject([
      { level: 'error', msg: 'boom', context: 'ExceptionsHandler', stack: 'at somewhere' },
      { level: 'debug', msg: 'mapped', context: 'Router' },
    ]);
  });
});
