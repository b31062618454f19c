import { isLoopback } from '../../config/listener-protection';
import { needsOf, type AliasUnderExamination, type Check } from '../alias-under-examination';
import type { Finding } from '../finding';

/** Whether devices can reach the gateway where it says that it is. */
export const publicUrl: Check = (alias) => {
  const url = new URL(alias.publicUrl);
  return [...place(alias, url), ...client(alias, url)];
};

function place({ publicUrl: text, publicUrlIsSet }: AliasUnderExamination, { hostname }: URL): Finding[] {
  if (isLoopback(hostname))
    return [
      {
        level: 'warning',
        rule: 'public-url.loopback',
        what: `PUBLIC_URL is ${text}, which leads every device to itself.`,
        why: 'It goes into certificates, as the place of the CRL; whoever checks one elsewhere finds nothing there.',
        mend: 'Set PUBLIC_URL to what devices reach this gateway by, and restart it. Certificates issued before keep the old place.',
        commands: [],
      },
    ];
  if (publicUrlIsSet) return [];
  return [
    {
      level: 'warning',
      rule: 'public-url.unset',
      what: `PUBLIC_URL is not set; ${text} is guessed from the name of this machine.`,
      why: 'It goes into certificates, as the place of the CRL. If devices do not know that name, they cannot check any.',
      mend: 'Set PUBLIC_URL to what devices reach this gateway by, and restart it. Certificates issued before keep the old place.',
      commands: [],
    },
  ];
}

function client(alias: AliasUnderExamination, { protocol, port }: URL): Finding[] {
  const { port: onlyPort, plainHttp } = needsOf(alias);
  const actual = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const findings: Finding[] = [];
  if (plainHttp === true && protocol === 'https:')
    findings.push({
      level: 'error',
      rule: 'public-url.https',
      what: `PUBLIC_URL is ${alias.publicUrl}.`,
      why: 'The devices of this profile know no TLS. SCEP protects its messages by itself.',
      mend: 'Let them reach the gateway by http, and say so in PUBLIC_URL.',
      commands: [],
    });
  if (onlyPort !== undefined && onlyPort !== actual)
    findings.push({
      level: 'error',
      rule: 'public-url.port',
      what: `Devices reach this gateway at port ${actual}.`,
      why: `The devices of this profile know no port but ${onlyPort}: there is no way to tell them another.`,
      mend: `Listen there (PUBLIC_PORT=${onlyPort}), or have what stands in front take that port, and say in PUBLIC_URL how devices reach it.`,
      commands: [],
    });
  return findings;
}
