import { printable } from './terminal';

/** A JSON object as a gateway answers it. */
export type Resource = Readonly<Record<string, unknown>>;

/** One column of a table: its heading and the dotted path of the field that stands in it. */
export interface Column {
  readonly heading: string;
  readonly field: string;
}

const isObject = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a dotted path such as `limits.lockoutFor`; undefined where there is none. */
export function valueAt(resource: Resource, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), resource);
}

/** How one value is written for people: lists with commas, those within an item behind a backslash; nothing as nothing. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(itemText).join(',');
  if (typeof value === 'string') return printable(value);
  if (isObject(value) && typeof value.type === 'string' && typeof value.value === 'string')
    return printable(`${value.type}:${value.value}`);
  return printable(JSON.stringify(value));
}

const itemText = (item: unknown): string =>
  typeof item === 'string' ? printable(item.replace(/[\\,]/g, '\\$&')) : cellText(item);

/** Lines of a table with headings; columns as wide as their widest cell. */
export function tableLines(rows: readonly Resource[], columns: readonly Column[]): string[] {
  const cells = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ field }) => cellText(valueAt(row, field)))),
  ];
  return aligned(cells);
}

/**
 * One line for each field, nested fields by their dotted path: the notation that `--set` takes. PEM, which is no line, is
 * left out: other options write it.
 */
export function detailLines(resource: Resource): string[] {
  return aligned(fields(resource, ''));
}

function fields(resource: Resource, prefix: string): string[][] {
  return Object.entries(resource).flatMap(([key, value]) => {
    const path = prefix + key;
    if (typeof value === 'string' && value.startsWith('-----BEGIN ')) return [];
    if (Array.isArray(value) && value.some((item) => isObject(item) && !('value' in item)))
      return value.flatMap((item: unknown, index) =>
        isObject(item) ? fields(item, `${path}[${index}].`) : [[`${path}[${index}]`, cellText(item)]],
      );
    return isObject(value) ? fields(value, `${path}.`) : [[path, cellText(value)]];
  });
}

function aligned(cells: readonly (readonly string[])[]): string[] {
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
