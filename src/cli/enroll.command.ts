import type { Command } from 'commander';
import { collect, type CommandContext } from './command-context';
import type { EnrollOptions } from './enroll-options';
import { positiveInteger } from './resource-commands';
import { cipherOption, clientKeyOption, digestOption, scepClient, withScepOptions } from './scep-options';

/** `scep-gateway enroll`: PKCSReq and CertPoll (RFC 8894 sections 3.3.1 and 3.3.3). */
export function addEnrollCommand(program: Command, context: CommandContext): void {
  withScepOptions(program.command('enroll').description('get a certificate from a SCEP server'))
    .requiredOption('-k, --private-key <file>', 'private key, RSA or EC, PEM; it is made if there is no such file')
    .option('-l, --local-cert <file>', 'where the certificate goes, PEM; without, to standard output')
    .option('-r, --request <file>', 'certification request made beforehand, PEM or DER')
    .option('--subject <name>', 'make the request for this subject, such as "CN=router-1,O=Example"')
    .option('--san <type:value>', 'subjectAltName to ask for: dns:, ip:, email:, uri:, upn: (repeatable)', collect)
    .addOption(clientKeyOption('--key-algorithm <name>', 'kind of the key that is made'))
    .option('--rsa-bits <n>', 'size of an RSA key that is made', positiveInteger, 2048)
    .option('--challenge <password>', 'challengePassword; visible to who lists the processes of this machine')
    .option('--challenge-file <file>', 'file with the challengePassword, - for standard input')
    .option('-c, --ca-cert <file>', 'the CA certificates, as `getca -c` writes them; without, the server is asked')
    .option('--fingerprint <hex>', 'what the fingerprint of the CA certificate is to be')
    .addOption(cipherOption('-E, --encryption <name>', 'cipher instead of what the server can do'))
    .addOption(digestOption('-S, --signature <name>', 'digest instead of what the server can do'))
    .option('-T, --poll-time <seconds>', 'how long to wait in all for a CA that has not decided yet', positiveInteger)
    .option('-t, --poll-interval <seconds>', 'how long to wait before it is asked again', positiveInteger, 60)
    .option('-R, --resume', 'send no request: ask what became of the one that was sent with the same key')
    .option('--get', 'send by GET even if the server takes POST')
    .option('-v, --verbose', 'tell what is done')
    .option('-d, --debug', 'tell what is done and write the messages, PEM')
    .action(async (options: EnrollOptions) => {
      const { enroll } = await import('./enrolment-run.js');
      await enroll(options, await scepClient(options), context.terminal);
    });
}
