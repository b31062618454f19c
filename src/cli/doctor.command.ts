import type { Command } from 'commander';
import type { Finding } from '../doctor/finding';
import { CommandError } from './command-error';
import { withGatewayOptions, type CommandContext, type GatewayOptions } from './command-context';
import { ExitCode } from './exit-code';
import { load } from './resource-commands';

interface DoctorOptions extends GatewayOptions {
  readonly online?: true;
}

/** `scep-gateway doctor`: what would go wrong with an alias. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('say what would go wrong with an alias for its devices, and how to mend it; exit code 1 for errors')
    .argument('<alias>')
    .option('--online', 'also fetch, from this machine, what devices have to reach: the SCEP URL and the CRLs');
  withGatewayOptions(command).action(async (alias: string, options: DoctorOptions) => {
    const [client, , { resourcePath }] = await load(options, context);
    const [{ asDiagnosis, diagnosisLines }, { triedPlaces }, { writeJson, writeLines }] = await Promise.all([
      import('./diagnosis-output.js'),
      import('./place-trial.js'),
      import('./terminal.js'),
    ]);
    const given = asDiagnosis(await client.get(resourcePath('aliases', alias, 'doctor')));
    const findings: readonly Finding[] = [
      ...given.findings,
      ...(options.online ? await triedPlaces(given.places) : []),
    ];
    const diagnosis = { ...given, findings };
    if (options.json) writeJson(context.terminal, diagnosis);
    else writeLines(context.terminal, diagnosisLines(diagnosis));
    const errors = findings.filter(({ level }) => level === 'error').length;
    if (errors > 0)
      throw new CommandError(
        ExitCode.failed,
        `devices of alias ${alias} would fail: ${errors === 1 ? '1 of these is an error' : `${String(errors)} of these are errors`}`,
      );
  });
}
