import type { Finding } from '../doctor/finding';
import type { Place } from '../doctor/places';

const TIMEOUT_MS = 10_000;

const DER_SEQUENCE = 0x30;

/** Fetches from each place, as devices do: without following redirects. Says what would keep them from it. */
export async function triedPlaces(places: readonly Place[]): Promise<Finding[]> {
  const findings = await Promise.all(places.map(tried));
  return findings.flat();
}

async function tried({ purpose, url }: Place): Promise<Finding[]> {
  if (!/^https?:/i.test(url))
    return [
      {
        level: 'note',
        rule: 'online.not-tried',
        what: `${url} was not tried.`,
        why: 'This command speaks HTTP only.',
        mend: 'Fetch from it by other means.',
        commands: [],
      },
    ];
  const problem = await problemOf(purpose, url);
  if (problem === undefined) return [];
  return [
    {
      level: purpose === 'scep' ? 'error' : 'warning',
      rule: purpose === 'scep' ? 'online.scep' : 'online.crl',
      what: `${url} ${problem}.`,
      why:
        purpose === 'scep'
          ? 'This is where PUBLIC_URL says that devices reach the alias. It was tried from this machine; devices may stand elsewhere.'
          : 'Certificates name it as the place of their CRL. It was tried from this machine; who checks them may stand elsewhere.',
      mend: 'Look at PUBLIC_URL, names, firewalls and what stands in front of the gateway.',
      commands: [`curl -v '${url.replaceAll("'", '%27')}'`],
    },
  ];
}

async function problemOf(purpose: Place['purpose'], url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status >= 300 && response.status < 400)
      return 'answers with a redirect, which many devices do not follow';
    if (response.status !== 200) return `answers with HTTP ${response.status}`;
    if (purpose === 'crl') return body[0] === DER_SEQUENCE ? undefined : 'answers with something that is no CRL in DER';
    return /^[A-Za-z0-9-]+\r?$/m.test(body.toString('latin1')) ? undefined : 'answers with no capabilities';
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
    return `does not answer (${String(cause?.code ?? name)})`;
  }
}
