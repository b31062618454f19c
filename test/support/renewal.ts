import { DataSource } from 'typeorm';
import type { Enrolment, EnrolmentReply, Identity } from '../../src/client/enrolment-message';
import { ConfigurationVersion } from '../../src/database/configuration-version';
import { KeyStore } from '../../src/keys/key-store';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { basicConstraints, extensions, subjectKeyIdentifier } from '../../src/pki/x509/extension';
import { DEVICE_KEY, type EnrolmentScene } from './enrolment-scene';

/** The key of certificates that are to be renewed is `DEVICE_KEY`; this is the one of those that renew them. */
export const NEW_KEY = PrivateKey.generateRsa(2048);

let users = 0;

/** A registered end entity with its first certificate. */
export interface Enrolled extends Identity {
  readonly username: string;
}

/**
 * Registers an end entity with the enrolment code `secret` and enrols it with `DEVICE_KEY`.
 * @param alias through which
 * @param more of the end entity
 */
export async function enrolled(
  scene: EnrolmentScene,
  alias?: string,
  more: object = {},
  changes: Partial<Enrolment> = {},
): Promise<Enrolled> {
  users += 1;
  const username = `renewer-${users}`;
  await scene.register(username, 'secret', more);
  const { certificate } = issued(await scene.enrol(`CN=${username}`, 'secret', changes, alias));
  return { username, certificate, key: DEVICE_KEY };
}

/** The SUCCESS of a reply; throws for any other. */
export function issued(reply: EnrolmentReply): Extract<EnrolmentReply, { pkiStatus: 'SUCCESS' }> {
  if (reply.pkiStatus !== 'SUCCESS') throw new Error(JSON.stringify(reply));
  return reply;
}

/** Sends a RenewalReq for `NEW_KEY` without a challenge, signed with the certificate that is renewed. */
export function renew(
  scene: EnrolmentScene,
  signer: Identity,
  changes: Partial<Enrolment> = {},
  alias?: string,
): Promise<EnrolmentReply> {
  const { certificate, key } = signer;
  const renewal: Partial<Enrolment> = {
    messageType: 'RenewalReq',
    subject: certificate.subject,
    key: NEW_KEY,
    challengePassword: undefined,
    signer: { certificate, key },
    ...changes,
  };
  return scene.enrol('CN=replaced', '', renewal, alias);
}

/**
 * What became of the last request, or of the last one with this transactionID: the rule that refused it, or `issued` or
 * `repeated`.
 */
export async function verdictOn(scene: EnrolmentScene, transactionID?: string): Promise<string> {
  const log = await scene.log();
  const last = log.find((record) => transactionID === undefined || record.transactionID === transactionID);
  return last?.rule ?? last?.outcome ?? 'none';
}

/** Runs SQL behind the gateway's back. */
export const sql = <T>(scene: EnrolmentScene, text: string, values: unknown[] = []): Promise<T[]> =>
  scene.gateway.application.get(DataSource).query<T[]>(text, values);

/** Adds an authority whose key the test has too, and returns its certificate with the key. */
export async function knownAuthority(scene: EnrolmentScene, name: string): Promise<Identity> {
  const key = PrivateKey.generateRsa(2048);
  const subject = DistinguishedName.parse(`CN=${name}`);
  const now = scene.clock.now().getTime();
  const { spki } = key.publicKey;
  const der = await buildCertificate({
    serialNumber: Buffer.of(1),
    issuer: subject,
    subject,
    notBefore: new Date(now - 864e5),
    notAfter: new Date(now + 3650 * 864e5),
    spki,
    extensions: extensions([basicConstraints(true), subjectKeyIdentifier(spki)]),
    signer: key,
    digest: 'sha256',
  });
  const keyStore = scene.gateway.application.get(KeyStore, { strict: false });
  const stored = keyStore.import(key.toPkcs8());
  await keyStore.save(stored, scene.gateway.application.get(DataSource).manager);
  await sql(
    scene,
    `with authority as (
      insert into authorities (name, settings) values ($1, '{"raCertificate": "none"}') returning id
    ) insert into authority_generations (authority_id, number, state, key_id, certificate)
      select id, 1, 'current', $2, $3 from authority`,
    [name, stored.id, der],
  );
  await scene.gateway.application.get(ConfigurationVersion).refresh();
  return { certificate: Certificate.read(der), key };
}
