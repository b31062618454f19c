import type { Command } from 'commander';
import type { CommandContext } from './command-context';
import { scepClient, withScepOptions, type ScepOptions } from './scep-options';

/** `scep-gateway getcaps`: GetCACaps (RFC 8894 section 3.5). */
export function addGetCapsCommand(program: Command, { terminal }: CommandContext): void {
  withScepOptions(program.command('getcaps').description('ask a SCEP server what it can do')).action(
    async (options: ScepOptions) => {
      const [client, { writeJson, writeLines, printable }] = await Promise.all([
        scepClient(options),
        import('./terminal.js'),
      ]);
      const { keywords } = await client.getCaCaps();
      if (options.json) writeJson(terminal, keywords);
      else writeLines(terminal, keywords.map(printable));
    },
  );
}
