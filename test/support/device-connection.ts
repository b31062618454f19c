import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { readCertsOnly } from '../../src/pki/cms/degenerate';
import { Certificate } from '../../src/pki/x509/certificate';
import type { DeviceTransport } from './device-shapes';
import type { TestGateway } from './start-gateway';

/** An HTTP answer. */
export interface DeviceAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

/** The certificates that a device works with, out of GetCACert. */
export interface ShownCertificates {
  /** In their order. */
  readonly all: readonly Certificate[];
  /** To whom it encrypts. */
  readonly recipient: Certificate;
  /** Whose signature it expects. */
  readonly signer: Certificate;
}

/** Sends the octets that a device sends, which no HTTP client of today would send. */
export async function speak(
  gateway: TestGateway,
  { method, httpVersion, headers, path }: DeviceTransport,
  alias: string,
  query: string,
  body?: Buffer,
): Promise<DeviceAnswer> {
  const { hostname, port } = new URL(gateway.publicUrl);
  const lines = [
    `${body === undefined ? 'GET' : method} /scep/${alias}${path}?${query} HTTP/${httpVersion}`,
    ...headers,
  ];
  if (httpVersion === '1.1') lines.push(`Host: ${hostname}`, 'Connection: close');
  if (body !== undefined) lines.push(`Content-Length: ${body.length}`);
  const socket = connect(Number(port), hostname);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (body !== undefined) socket.write(body);
  const answer = await buffer(socket);
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.subarray(0, end + 2).toString();
  const contentType = /^content-type: (.*)\r$/im.exec(head)?.[1];
  return { status: Number(head.split(' ')[1]), contentType, body: answer.subarray(end + 4) };
}

/** Sends a message. */
export const sendMessage = (
  gateway: TestGateway,
  transport: DeviceTransport,
  alias: string,
  bytes: Buffer,
): Promise<DeviceAnswer> =>
  transport.encode === undefined
    ? speak(gateway, transport, alias, `operation=PKIOperation${transport.rest ?? ''}`, bytes)
    : speak(gateway, transport, alias, `operation=PKIOperation&message=${transport.encode(bytes)}`);

/** What a device takes from an answer to GetCACert: the one certificate for everything, or the RA's by their keyUsage. */
export function shownCertificates({ contentType, body }: DeviceAnswer): ShownCertificates {
  const all =
    contentType === 'application/x-x509-ca-cert'
      ? [Certificate.read(body)]
      : readCertsOnly(body).certificates.map((der) => Certificate.read(der));
  const issuers = all.filter((candidate) => all.some((other) => other.issuer.equals(candidate.subject)));
  const registration = all.filter((candidate) => !issuers.includes(candidate));
  const fit = (bit: 'digitalSignature' | 'keyEncipherment'): Certificate =>
    [...registration, ...all].find(({ keyUsage }) => keyUsage?.has(bit) === true)!;
  return { all, recipient: fit('keyEncipherment'), signer: fit('digitalSignature') };
}
