import { measureCodec } from './codec';
import { crlTable, measureCrl } from './crl';
import { measureEnrolments } from './enrolment-bench';
import { measureOperations } from './operations-bench';
import { hasFailed, operationsReport, operationsTable } from './operations-report';
import { type BenchOptions, helpText, readOptions, UsageError } from './options';
import { measureRa, raReport, raTable } from './ra-bench';
import { codecReport, codecTable, enrolmentReport, enrolmentTable } from './report';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (text: string): void => {
  process.stderr.write(`bench: ${text}\n`);
};

async function run(options: BenchOptions): Promise<void> {
  if (options.codec) {
    say('measuring the codec');
    const figures = await measureCodec(options.keys);
    print(options.json ? JSON.stringify(codecReport(figures)) : codecTable(figures));
    return;
  }
  if (options.crl !== undefined) {
    say(`building a CRL with ${options.crl} entries`);
    const figures = await measureCrl(options.crl);
    print(options.json ? JSON.stringify(figures) : crlTable(figures));
    return;
  }
  if (options.operations) {
    const figures = await measureOperations(options, say);
    print(options.json ? JSON.stringify(operationsReport(figures, options)) : operationsTable(figures));
    if (hasFailed(figures)) process.exitCode = 1;
    return;
  }
  if (options.ra) {
    const figures = await measureRa(options, say);
    print(options.json ? JSON.stringify(raReport(figures)) : raTable(figures));
    if (figures.failures.size > 0) process.exitCode = 1;
    return;
  }
  const figures = await measureEnrolments(options, say);
  print(options.json ? JSON.stringify(enrolmentReport(figures, options)) : enrolmentTable(figures, options));
  if (figures.load.failures.size > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === undefined) print(helpText());
    else await run(options);
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    say(error instanceof UsageError ? `${error.message}; --help tells more` : String(error));
  }
}

void main();
