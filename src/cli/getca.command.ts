import type { Command } from 'commander';
import type { CaCertificates } from '../client/ca-certificates';
import type { Certificate } from '../pki/x509/certificate';
import type { DigestName } from '../pki/x509/digest-name';
import type { CommandContext } from './command-context';
import { digestOption, scepClient, withScepOptions, type ScepOptions } from './scep-options';
import type { Resource } from './table';

interface GetCaOptions extends ScepOptions {
  readonly caCert?: string;
  readonly next?: true;
  readonly fingerprintDigest: DigestName;
}

/** `scep-gateway getca`: GetCACert and GetNextCACert (RFC 8894 sections 4.2 and 4.7). */
export function addGetCaCommand(program: Command, { terminal }: CommandContext): void {
  withScepOptions(
    program.command('getca').description('get the CA certificates of a SCEP server and their fingerprints'),
  )
    .option('-c, --ca-cert <file>', 'write all of them into this file, PEM')
    .option('--next', 'those after the coming rollover, signed by the present CA')
    .addOption(digestOption('-F, --fingerprint-digest <name>', 'digest of the fingerprints').default('sha256'))
    .action(async (options: GetCaOptions) => {
      const [client, { detailLines }, { writeJson, writeLines }, { writeOutput }, { pem }] = await Promise.all([
        scepClient(options),
        import('./table.js'),
        import('./terminal.js'),
        import('./file-output.js'),
        import('../pki/x509/pem.js'),
      ]);
      const present = await client.getCaCert();
      const ca = options.next ? await client.getNextCaCert(present) : present;
      const described = await Promise.all(ca.certificates.map((one) => describe(one, ca, options.fingerprintDigest)));
      if (options.caCert !== undefined)
        await writeOutput(options.caCert, ca.certificates.map(({ der }) => pem('CERTIFICATE', der)).join(''));
      if (options.json) writeJson(terminal, described);
      else writeLines(terminal, described.flatMap((one) => [...detailLines(one), '']).slice(0, -1));
    });
}

async function describe(certificate: Certificate, ca: CaCertificates, digest: DigestName): Promise<Resource> {
  const { fingerprintText } = await import('../pki/x509/fingerprint.js');
  return {
    subject: certificate.subject.toString(),
    issuer: certificate.issuer.toString(),
    serialNumber: certificate.serialHex,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    use: [
      ...(certificate === ca.issuer ? ['issues'] : []),
      ...(certificate === ca.recipient ? ['is encrypted to'] : []),
      ...(ca.signers.includes(certificate) ? ['signs answers'] : []),
    ],
    [digest]: fingerprintText(certificate, digest),
  };
}
