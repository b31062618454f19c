import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { KeyStore } from '../../src/keys/key-store';
import { PrivateKey } from '../../src/pki/cms/private-key';
import type { TestGateway } from './start-gateway';
import type { MessageVector, VectorRecipient } from './vectors';

/**
 * Gives a gateway the authority to whom a vector is encrypted, without an RA certificate.
 *
 * @returns the id of its row; the caller refreshes the configuration if it adds more
 */
export async function importRecipient(
  gateway: TestGateway,
  { certificate, privateKey }: VectorRecipient,
  name: string,
): Promise<number> {
  const dataSource = gateway.application.get(DataSource);
  const keyStore = gateway.application.get(KeyStore, { strict: false });
  const key = keyStore.import(PrivateKey.fromPkcs8(privateKey).toPkcs8());
  await keyStore.save(key, dataSource.manager);
  const [authority] = await dataSource.query<[{ id: number }]>(
    `insert into authorities (name, settings) values ($1, '{"raCertificate": "none"}') returning id`,
    [name],
  );
  await dataSource.query(
    `insert into authority_generations (authority_id, number, state, key_id, certificate) values ($1, 1, 'current', $2, $3)`,
    [authority.id, key.id, certificate],
  );
  await gateway.application.get(ConfigurationVersion).refresh();
  return authority.id;
}

/** An HTTP answer. */
export interface RecordedAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: Buffer;
}

/**
 * Sends a vector with the method, target, version and headers that its client used.
 *
 * @param path instead of the one that the client was told
 */
export async function sendVector(gateway: TestGateway, vector: MessageVector, path = '/scep'): Promise<RecordedAnswer> {
  const { hostname, port } = new URL(gateway.publicUrl);
  const socket = connect(Number(port), hostname);
  const target = (vector.target ?? '/scep?operation=PKIOperation').replace(/^\/scep(?=\?)/, path);
  const headers = [`${vector.method} ${target} HTTP/${vector.httpVersion}`];
  if (vector.httpVersion === '1.1') headers.push(`Host: ${hostname}`, 'Connection: close');
  if (vector.contentType !== undefined) headers.push(`Content-Type: ${vector.contentType}`);
  if (vector.method === 'POST') headers.push(`Content-Length: ${vector.bytes.length}`);
  socket.write(`${headers.join('\r\n')}\r\n\r\n`);
  if (vector.method === 'POST') socket.write(vector.bytes);
  const answer = await buffer(socket);
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.subarray(0, end + 2).toString();
  return { status: Number(head.split(' ')[1]), head, body: answer.subarray(end + 4) };
}
