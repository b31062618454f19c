import { FINDING_LEVELS, type Finding } from '../doctor/finding';
import type { Place } from '../doctor/places';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import type { Resource } from './table';
import { printable } from './terminal';

/** What `doctor` answers, as far as it is shown. */
export interface ShownDiagnosis {
  readonly alias: string;
  readonly deviceProfile: string;
  readonly findings: readonly Finding[];
  readonly places: readonly Place[];
}

/** A diagnosis out of a gateway's answer. Throws {@link CommandError} (`noAnswer`) for what is none. */
export function asDiagnosis(answer: Resource): Resource & ShownDiagnosis {
  if (!Array.isArray(answer.findings) || !Array.isArray(answer.places))
    throw new CommandError(ExitCode.noAnswer, 'the gateway has no doctor: it is of an older release');
  return answer as Resource & ShownDiagnosis;
}

const WIDTH = 100;
const INDENT = 9;

/** A diagnosis for people: for each finding what, why and how to mend it, with the commands on lines of their own. */
export function diagnosisLines({ alias, deviceProfile, findings }: ShownDiagnosis): string[] {
  const counts = FINDING_LEVELS.map((level) => counted(findings, level)).filter((text) => text !== '');
  const summary = counts.length === 0 ? 'nothing to mend' : counts.join(', ');
  return [
    `Alias ${printable(alias)}, device profile ${printable(deviceProfile)}: ${summary}.`,
    ...FINDING_LEVELS.flatMap((level) => findings.filter((finding) => finding.level === level)).flatMap(findingLines),
  ];
}

function counted(findings: readonly Finding[], level: Finding['level']): string {
  const count = findings.filter((finding) => finding.level === level).length;
  if (count === 0) return '';
  return `${count} ${level}${count === 1 ? '' : 's'}`;
}

function findingLines({ level, rule, what, why, mend, commands }: Finding): string[] {
  const [first = '', ...rest] = wrapped(`${what} [${rule}]`);
  const margin = ' '.repeat(INDENT);
  return [
    '',
    `${level.toUpperCase().padEnd(INDENT)}${first}`,
    ...[...rest, ...wrapped(why), ...wrapped(mend)].map((line) => margin + line),
    ...commands.map((command) => `${margin}  ${printable(command)}`),
  ];
}

/** Lines of a sentence that are not longer than a terminal is wide, unless a word is. */
function wrapped(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of printable(sentence).split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > WIDTH - INDENT) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
