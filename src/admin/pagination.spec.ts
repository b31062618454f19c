import { ServiceError } from '../common/service-error';
import { bigintPart, bytesPart, dayPart, integerPart, Pager, textPart, timePart, uuidPart } from './pagination';

interface Position {
  readonly name: string;
}

const NAMES = ['ä', 'b', 'c', 'd', 'e'];
const pager = new Pager<string, Position>({ name: textPart }, (name) => ({ name }));
const load = (limit: number, after?: Position): Promise<string[]> =>
  Promise.resolve(NAMES.slice(after === undefined ? 0 : NAMES.indexOf(after.name) + 1).slice(0, limit));
const upper = (name: string): string => name.toUpperCase();

describe('pages of a list', () => {
  it('follow each other by their cursors until there is no more', async () => {
    const first = await pager.page({ limit: 2 }, load, upper);
    const second = await pager.page({ limit: 2, cursor: first.nextCursor! }, load, upper);
    const third = await pager.page({ limit: 2, cursor: second.nextCursor! }, load, upper);
    expect([first.items, second.items, third.items]).toEqual([['Ä', 'B'], ['C', 'D'], ['E']]);
    expect(third.nextCursor).toBeNull();
  });

  it('end exactly where the items do', async () => {
    expect((await pager.page({ limit: 5 }, load, upper)).nextCursor).toBeNull();
    expect((await pager.page({ limit: 4 }, load, upper)).nextCursor).not.toBeNull();
  });

  it.each([
    '',
    'x',
    '!!',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('["a","b"]').toString('base64url'),
    Buffer.from('[7]').toString('base64url'),
    Buffer.from('["a\\u0000"]').toString('base64url'),
  ])('refuse the cursor %j', async (cursor) => {
    await expect(pager.page({ cursor }, load, upper)).rejects.toThrow(ServiceError);
  });
});

describe('the parts of a cursor', () => {
  it.each([
    [timePart, new Date('2026-01-02T03:04:05.678Z')],
    [dayPart, '2026-01-31'],
    [uuidPart, '3f0c7c1e-7a0e-4a5c-9a5e-0d5b6f6d1f11'],
    [bigintPart, '9007199254740993'],
    [integerPart, 7],
    [bytesPart, Buffer.from('00ff', 'hex')],
    [textPart, 'it\'s "quoted"'],
  ])('come back as they went', (part, value) => {
    const { write, read } = part as { write: (value: unknown) => string; read: (text: string) => unknown };
    expect(read(write(value))).toEqual(value);
  });

  it.each([
    [timePart, '2026-13-40T00:00:00Z'],
    [timePart, 'now()'],
    [dayPart, '2026-02-99'],
    [uuidPart, "' or 1=1"],
    [bigintPart, '-1'],
    [integerPart, '1e9'],
    [bytesPart, 'f'],
  ])('refuse what is none', (part, text) => {
    expect(part.read(text)).toBeUndefined();
  });
});
