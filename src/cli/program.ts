import { Command } from 'commander';
import { addAliasCommand } from './alias.command';
import { addApprovalCommand } from './approval.command';
import { addAuthorityCommand } from './authority.command';
import { addCertificateCommand } from './certificate.command';
import { addChallengeCommand } from './challenge.command';
import type { CommandContext } from './command-context';
import { addConfigScepCommand } from './config-scep.command';
import { addDeviceProfileCommand } from './device-profile.command';
import { addDoctorCommand } from './doctor.command';
import { addEndEntityCommand } from './end-entity.command';
import { addEnrollCommand } from './enroll.command';
import { addGetCaCommand } from './getca.command';
import { addGetCapsCommand } from './getcaps.command';
import { addMigrateCommand } from './migrate.command';
import { addProfileCommand } from './profile.command';
import { addRaCommand } from './ra.command';
import { addRaAccountCommand } from './ra-account.command';
import { addRequestCommand } from './request.command';
import { addServeCommand } from './serve.command';

/**
 * All commands. Their files are light: what a command works with is loaded when it runs.
 *
 * @returns never ends the process: mistakes on the command line are thrown as CommanderError
 */
export function createProgram(context: CommandContext): Command {
  const { output, errors } = context.terminal;
  const program = new Command('scep-gateway')
    .description('SCEP gateway (RFC 8894): serves devices, and administers a gateway that serves')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        output.write(text);
      },
      writeErr: (text) => {
        errors.write(text);
      },
    })
    .showSuggestionAfterError()
    .addHelpText('after', '\nThe manual is docs/command-line.md; exit codes are listed there.');
  addServeCommand(program, context);
  addMigrateCommand(program, context);
  addAuthorityCommand(program, context);
  addProfileCommand(program, context);
  addAliasCommand(program, context);
  addDeviceProfileCommand(program, context);
  addDoctorCommand(program, context);
  addEndEntityCommand(program, context);
  addChallengeCommand(program, context);
  addApprovalCommand(program, context);
  addCertificateCommand(program, context);
  addRaAccountCommand(program, context);
  addRequestCommand(program, context);
  addConfigScepCommand(program, context);
  addRaCommand(program, context);
  addGetCapsCommand(program, context);
  addGetCaCommand(program, context);
  addEnrollCommand(program, context);
  return program;
}
