import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { invalidInput } from '../common/checked-input';
import { isStorable } from '../common/storable-text';

/** Items of a page where no number is asked for. */
export const DEFAULT_LIMIT = 50;
/** Most items of a page. */
export const MAX_LIMIT = 500;

/** Which page of a list is asked for. */
export interface RequestedPage {
  /** Most items of the page. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** {@link RequestedPage} with its rules, for queries. */
export class PageQuery implements RequestedPage {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit?: number;

  @IsOptional()
  @IsString()
  @MaxLength(2000)
  cursor?: string;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What to ask for the next page with; null: this is the last. */
  readonly nextCursor: string | null;
}

/** Turns one part of a position into text and back. */
export interface CursorPart<T> {
  readonly write: (value: T) => string;
  /** Undefined if the text is none. */
  readonly read: (text: string) => T | undefined;
}

/** Any text that PostgreSQL can store. */
export const textPart: CursorPart<string> = {
  write: (value) => value,
  read: (text) => (isStorable(text) ? text : undefined),
};

/** A moment, to the millisecond. */
export const timePart: CursorPart<Date> = {
  write: (value) => value.toISOString(),
  read: (text) => (/^\d{4}-\d\d-\d\dT[\d:.]{1,12}Z$/.test(text) ? validDate(new Date(text)) : undefined),
};

/** A day such as 2026-01-31. */
export const dayPart: CursorPart<string> = {
  write: (value) => value,
  read: (text) => (/^\d{4}-\d\d-\d\d$/.test(text) && validDate(new Date(text)) !== undefined ? text : undefined),
};

/** A UUID. */
export const uuidPart: CursorPart<string> = {
  write: (value) => value,
  read: (text) => (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : undefined),
};

/** A bigint as text, not negative. */
export const bigintPart: CursorPart<string> = {
  write: (value) => value,
  read: (text) => (/^\d{1,18}$/.test(text) ? text : undefined),
};

/** An integer column, not negative. */
export const integerPart: CursorPart<number> = {
  write: String,
  read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
};

/** Bytes. */
export const bytesPart: CursorPart<Buffer> = {
  write: (value) => value.toString('hex'),
  read: (text) => (/^(?:[0-9a-f]{2}){1,64}$/.test(text) ? Buffer.from(text, 'hex') : undefined),
};

/** How the position of an item is written into a cursor: part by part, by the names of its fields. */
export type CursorForm<Position extends object> = { readonly [K in keyof Position]-?: CursorPart<Position[K]> };

/** Where a list of one kind is cut into pages: by the position of the last item, so that nothing shifts meanwhile. */
export class Pager<Item, Position extends object> {
  constructor(
    private readonly form: CursorForm<Position>,
    private readonly positionOf: (item: Item) => Position,
  ) {}

  /**
   * One page.
   *
   * @param load reads at most `limit` items, those behind `after` where it is given
   * @param present makes of an item what is answered
   * @throws ServiceError `invalid-input` if the cursor is none of this list
   */
  async page<T>(
    query: RequestedPage,
    load: (limit: number, after?: Position) => Promise<readonly Item[]>,
    present: (item: Item) => T,
  ): Promise<Page<T>> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    // One more than is shown tells whether there is more.
    const found = await load(limit + 1, query.cursor === undefined ? undefined : this.read(query.cursor));
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(present),
      nextCursor: found.length > limit && last !== undefined ? this.write(this.positionOf(last)) : null,
    };
  }

  private write(position: Position): string {
    const parts = this.fields().map((field) => this.form[field].write(position[field]));
    return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
  }

  private read(cursor: string): Position {
    const texts = parse(cursor);
    const fields = this.fields();
    const values = fields.map((field, index) => {
      const text = texts[index];
      return typeof text === 'string' ? this.form[field].read(text) : undefined;
    });
    if (texts.length !== fields.length || values.includes(undefined))
      throw invalidInput([{ field: 'cursor', message: 'cursor is none of this list' }]);
    return Object.fromEntries(fields.map((field, index) => [field, values[index]])) as Position;
  }

  private fields(): (keyof Position)[] {
    return Object.keys(this.form) as (keyof Position)[];
  }
}

function parse(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

const validDate = (date: Date): Date | undefined => (Number.isNaN(date.getTime()) ? undefined : date);
