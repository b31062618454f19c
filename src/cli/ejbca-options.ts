import { END_ENTITY_STATUS_NAMES, EndEntityStatus } from '../end-entities/end-entity-status';
import { REVOCATION_REASONS, type RevocationReason } from '../certificates/revocation-reason';
import { CommandError } from './command-error';
import { ExitCode } from './exit-code';
import type { TypedName } from './subject-alt-name';

const usage = (message: string): CommandError => new CommandError(ExitCode.usage, message);

/** Bits of EJBCA's `--type`. */
const END_USER = 1;
const KEY_RECOVERABLE = 128;
const SEND_NOTIFICATION = 256;
const PRINT_USER_DATA = 512;

/**
 * Looks at `--type` of `addendentity`: bits that mean nothing here are told, those that cannot be had refused.
 *
 * @returns remarks
 * @throws CommandError `usage`
 */
export function typeRemarks(text: string): string[] {
  if (!/^\d{1,9}$/.test(text)) throw usage('--type is a number, 1 for an end user');
  const bits = Number(text);
  if ((bits & KEY_RECOVERABLE) !== 0)
    throw usage('--type 128: keys cannot be recovered, for the gateway never has the key of a device');
  const remarks: string[] = [];
  if ((bits & SEND_NOTIFICATION) !== 0) remarks.push('--type 256: nobody is notified');
  if ((bits & PRINT_USER_DATA) !== 0) remarks.push('--type 512: nothing is printed');
  const others = bits & ~(END_USER | SEND_NOTIFICATION | PRINT_USER_DATA);
  return others === 0 ? remarks : [...remarks, `--type ${others}: means nothing here`];
}

/** Looks at `--token`. Throws {@link CommandError} (`usage`) for all but keys that the device makes. */
export function checkToken(text: string): void {
  if (text.toUpperCase() !== 'USERGENERATED')
    throw usage(`--token ${text}: keys are made by the devices; USERGENERATED is the only token`);
}

/** The status of EJBCA's number (`-S`). Throws {@link CommandError} (`usage`). */
export function statusOfNumber(text: string): (typeof END_ENTITY_STATUS_NAMES)[number] {
  const name = /^\d{1,3}$/.test(text)
    ? (EndEntityStatus[Number(text)] as keyof typeof EndEntityStatus | undefined)
    : undefined;
  if (name !== undefined) return name;
  if (text === '70') throw usage('-S 70: there is no KEYRECOVERY, for the gateway never has the key of a device');
  const known = END_ENTITY_STATUS_NAMES.map((status) => `${EndEntityStatus[status]} ${status}`).join(', ');
  throw usage(`-S takes one of: ${known}`);
}

/** The reason of RFC 5280's number (`-r`). Throws {@link CommandError} (`usage`). */
export function reasonOfNumber(text: string): RevocationReason {
  const found = Object.entries(REVOCATION_REASONS).find(([, number]) => String(number) === text);
  if (found !== undefined) return found[0] as RevocationReason;
  const known = Object.entries(REVOCATION_REASONS).map(([name, number]) => `${number} ${name}`);
  throw usage(`-r takes one of: ${known.join(', ')}`);
}

/** EJBCA's names of subjectAltNames, in lower case, and what they are called here. */
const ALT_NAME_TYPES: Readonly<Record<string, string>> = {
  dnsname: 'dns',
  rfc822name: 'email',
  email: 'email',
  uniformresourceidentifier: 'uri',
  uniformresourceid: 'uri',
  uri: 'uri',
  ipaddress: 'ip',
  registeredid: 'registeredID',
  directoryname: 'directoryName',
  upn: 'upn',
};

/**
 * Reads `--altname` as EJBCA writes it: `dNSName=a.example.com, iPAddress=192.0.2.1`; a comma in a value stands behind a
 * backslash. Throws {@link CommandError} (`usage`).
 */
export function readAltName(text: string): TypedName[] {
  return text
    .split(/(?<!\\),/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, label = '', value = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
      const key = label.trim().toLowerCase();
      const type = Object.hasOwn(ALT_NAME_TYPES, key) ? ALT_NAME_TYPES[key] : undefined;
      if (type === undefined || value === '')
        throw usage(`--altname takes names such as dNSName=a.example.com, iPAddress=192.0.2.1, not "${part}"`);
      return { type, value: value.trim().replace(/\\(.)/g, '$1') };
    });
}
