/** A row of test/protocol-rows.md. */
export interface ProtocolRow {
  readonly label: string;
  readonly source: string;
  readonly what: string;
}

/** A test that ran. */
export interface RowTest {
  /** Its title with those of the blocks around it. */
  readonly title: string;
  /** `passed`, `failed`, or what jest calls a test that did not run. */
  readonly status: string;
  /** Its file, from the root of the repository. */
  readonly file: string;
}

/** A row and what became of it. */
export interface RowVerdict extends ProtocolRow {
  readonly verdict: 'passed' | 'failed' | 'diverges' | 'unproven' | 'contradictory';
  /** Those that passed; where one failed, those that failed. */
  readonly tests: readonly RowTest[];
}

export function labelsIn(text: string): string[];
export function readRows(text: string): ProtocolRow[];
export function readDivergences(text: string): string[];
export function judge(
  rows: readonly ProtocolRow[],
  divergences: readonly string[],
  tests: readonly RowTest[],
): RowVerdict[];
export function complaints(verdicts: readonly RowVerdict[]): string[];
export function listing(verdicts: readonly RowVerdict[]): string;
export function summary(verdicts: readonly RowVerdict[]): string;
export function specsThatNameRows(root: string): string[];
