import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ScepClient } from '../client/scep-client';
import type { CipherName } from '../pki/cms/content-cipher';
import type { DigestName } from '../pki/x509/digest-name';

/** Options of every command that speaks SCEP; the letters are sscep's. */
export interface ScepOptions {
  readonly url: string;
  readonly identifier?: string;
  readonly proxy?: string;
  readonly json?: true;
}

/** Adds the options of every command that speaks SCEP. */
export function withScepOptions(command: Command): Command {
  return command
    .requiredOption('-u, --url <url>', 'SCEP URL, such as http://gateway:8080/scep/scep/pkiclient.exe')
    .option('-i, --identifier <text>', 'CA identifier to send')
    .option('-p, --proxy <host:port>', 'HTTP proxy')
    .option('--json', 'write JSON');
}

// Spelled out here, not taken from pki: a command's help must not wait for the codec to be loaded.
const DIGESTS: readonly DigestName[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const CIPHERS: readonly CipherName[] = ['des', '3des', 'aes128', 'aes192', 'aes256'];

const CLIENT_KEYS = ['RSA', 'EC-P256', 'EC-P384', 'EC-P521'] as const;

/** What kind of key a client makes for itself. */
export type ClientKeyAlgorithm = (typeof CLIENT_KEYS)[number];

/** The option for the kind of a key; RSA by default. */
export function clientKeyOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(CLIENT_KEYS).default('RSA');
}

/** The option for a digest. */
export function digestOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(DIGESTS);
}

/** The option for a cipher; `aes` is what sscep calls AES-128. */
export function cipherOption(flags: string, description: string): Option {
  return new Option(flags, `${description}: ${CIPHERS.join(', ')}`).argParser((text) => {
    const cipher = CIPHERS.find((name) => name === (text === 'aes' ? 'aes128' : text));
    if (cipher === undefined) throw new InvalidArgumentError(`It is to be one of ${CIPHERS.join(', ')}.`);
    return cipher;
  });
}

/** A client for the URL and the proxy that the options name. */
export async function scepClient({ url, identifier, proxy }: ScepOptions): Promise<ScepClient> {
  const [{ ScepClient }, { HttpTransport }, { SystemClock }, { SystemRandomSource }] = await Promise.all([
    import('../client/scep-client.js'),
    import('../client/http-transport.js'),
    import('../common/clock.js'),
    import('../common/random-source.js'),
  ]);
  const proxyUrl = proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`;
  return new ScepClient({
    url,
    clock: new SystemClock(),
    random: new SystemRandomSource(),
    caIdentifier: identifier,
    transport: new HttpTransport(proxyUrl === undefined ? {} : { proxy: proxyUrl }),
  });
}
