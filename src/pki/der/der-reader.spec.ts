import { DerError } from './der-error';
import { DerReader, MAX_DEPTH, readOnly } from './der-reader';
import { Tag } from './tag';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const next = (text: string) => new DerReader(hex(text)).next('test');

describe('DerReader', () => {
  it('gives tag, content and the whole element without copying', () => {
    const bytes = hex('30 06 02 01 05 04 01 ff 05 00');
    const element = new DerReader(bytes).next('test');
    expect(element.tag).toBe(Tag.SEQUENCE);
    expect(element.length).toBe(6);
    expect(element.content).toEqual(hex('02 01 05 04 01 ff'));
    expect(element.raw).toEqual(hex('30 06 02 01 05 04 01 ff'));
    bytes[2] = 0x7f;
    expect(element.content[0]).toBe(0x7f);
  });

  it.each([
    ['nothing', '', 'bytes end too early'],
    ['a tag alone', '30', 'bytes end too early'],
    ['a length that is cut', '04 82 01', 'bytes end too early'],
    ['content that is cut', '04 05 01 02', 'element reaches beyond its parent'],
    ['a huge length', '04 84 ff ff ff ff 00', 'element reaches beyond its parent'],
    ['a length of five octets', '04 85 00 00 00 00 01 00', 'length too large'],
    ['the reserved length 0xff', '04 ff 00', 'length too large'],
    ['the indefinite length', '30 80 00 00', 'indefinite length'],
    ['81 where one octet is enough', '04 81 7f', 'length is not minimal'],
    ['82 where 81 is enough', `04 82 00 80 ${'00'.repeat(128)}`, 'length is not minimal'],
    ['a multi-octet tag', '1f 81 01 00', 'multi-octet tag'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => next(bytes)).toThrow(new DerError(`test: ${message}`));
  });

  it.each([
    ['127 octets', `04 7f ${'aa'.repeat(127)}`],
    ['128 octets', `04 81 80 ${'aa'.repeat(128)}`],
    ['255 octets', `04 81 ff ${'aa'.repeat(255)}`],
    ['256 octets', `04 82 01 00 ${'aa'.repeat(256)}`],
    ['65536 octets', `04 83 01 00 00 ${'aa'.repeat(65536)}`],
  ])('reads %s', (_, bytes) => {
    expect(next(bytes).raw).toEqual(hex(bytes));
  });

  it('keeps an element inside its parent, though the bytes go on', () => {
    const inner = new DerReader(hex('30 03 04 02 01 aa aa aa')).next('outer').open('inner');
    expect(() => inner.next('inner')).toThrow('inner: element reaches beyond its parent');
  });

  it('opens no primitive element', () => {
    expect(() => next('04 02 05 00').open('test')).toThrow('primitive where a constructed element belongs');
  });

  it('walks along: peek, expect, optional, finish', () => {
    const reader = new DerReader(hex('02 01 05 05 00'));
    expect(reader.peekTag()).toBe(Tag.INTEGER);
    expect(reader.optional(Tag.NULL, 'test')).toBeUndefined();
    expect(() => reader.expect(Tag.NULL, 'test')).toThrow('test: expected tag 0x5');
    expect(reader.expect(Tag.INTEGER, 'test').content).toEqual(hex('05'));
    expect(() => {
      reader.finish('test');
    }).toThrow('trailing elements');
    expect(reader.optional(Tag.NULL, 'test')?.length).toBe(0);
    expect(reader.peekTag()).toBeUndefined();
    expect(reader.atEnd).toBe(true);
    reader.finish('test');
    expect(() => reader.expect(Tag.NULL, 'test')).toThrow(DerError);
  });

  it('bounds the number of elements', () => {
    const reader = () => new DerReader(hex('05 00'.repeat(5)));
    expect(reader().rest(5, 'test')).toHaveLength(5);
    expect(() => reader().rest(4, 'test')).toThrow('more than 4 elements');
  });

  it('bounds the depth', () => {
    const descend = (levels: number): void => {
      let bytes = Buffer.alloc(0);
      for (let i = 0; i < levels; i++)
        bytes = Buffer.concat([Buffer.of(0x30, ...(bytes.length < 128 ? [] : [0x81]), bytes.length), bytes]);
      let reader = new DerReader(bytes);
      for (let i = 0; i < levels; i++) reader = reader.enter(Tag.SEQUENCE, 'test');
    };
    expect(() => {
      descend(MAX_DEPTH);
    }).not.toThrow();
    expect(() => {
      descend(MAX_DEPTH + 1);
    }).toThrow('nested too deeply');
  });
});

describe('readOnly', () => {
  it('refuses bytes behind the element and other tags', () => {
    expect(readOnly(hex('05 00'), Tag.NULL, 'test').length).toBe(0);
    expect(() => readOnly(hex('05 00 00'), Tag.NULL, 'test')).toThrow('test: trailing elements');
    expect(() => readOnly(hex('05 00'), Tag.INTEGER, 'test')).toThrow('test: expected tag 0x2');
  });
});
