import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { assertSuccess } from './command';
import { type Attempt, fingerprint, readCredentials } from './credentials';
import type { InteropGateway, Registered } from './interop-gateway';

/** An alias and the CA behind it. */
export interface Place {
  readonly alias: string;
  /** Name of the authority that issues. */
  readonly authority: string;
  /** Name of the root above it. */
  readonly root: string;
  /** Names of the authorities between the root and what is issued. */
  readonly between: readonly string[];
}

/** A CA that is its own root, of another key size than most. */
export const ROOT: Place = { alias: 'root', authority: 'Root', root: 'Root', between: [] };
/** A CA below another one: GetCACert answers with a chain. */
export const SUBORDINATE: Place = { ...ROOT, alias: 'subordinate', authority: 'Subordinate', between: ['Subordinate'] };
/** A CA whose key cannot decrypt: GetCACert answers with an RA certificate. */
export const CURVE: Place = { alias: 'curve', authority: 'Curve', root: 'Curve', between: [] };
/** A CA with two RA certificates, one to sign and one to encrypt. */
export const PAIR: Place = { alias: 'pair', authority: 'Pair', root: 'Pair', between: [] };
/** All of them. */
export const PLACES = [ROOT, SUBORDINATE, CURVE, PAIR] as const;
/** As {@link ROOT}, but a renewal may be for the key that there is. */
export const OLD_KEY: Place = { ...ROOT, alias: 'old-key' };

/** Renews from the first day on, so that no test has to wait for it. */
export const RENEWAL = { window: '100%' };

/**
 * Creates these authorities and aliases.
 *
 * @param settings of all the aliases, in addition
 */
export async function createScene(gateway: InteropGateway, settings: object = {}): Promise<void> {
  const subject = (name: string): string => `CN=Interop ${name},O=Interop`;
  await gateway.create('authorities', { name: 'Root', subject: subject('Root'), keyAlgorithm: 'RSA-4096' });
  await gateway.create('authorities', { name: 'Subordinate', subject: subject('Subordinate'), issuer: 'Root' });
  await gateway.create('authorities', { name: 'Curve', subject: subject('Curve'), keyAlgorithm: 'EC-P256' });
  await gateway.create('authorities', { name: 'Pair', subject: subject('Pair'), settings: { raCertificate: 'pair' } });
  for (const { alias, authority } of PLACES)
    await gateway.create('aliases', { name: alias, authorities: [authority], renewal: RENEWAL, ...settings });
  const renewal = { ...RENEWAL, allowOldKey: true };
  await gateway.create('aliases', { name: OLD_KEY.alias, authorities: [OLD_KEY.authority], renewal, ...settings });
}

/**
 * What GetCACert has to give, as fingerprints: RA certificates, the issuing CA, those above it.
 */
export async function expectedBag(gateway: InteropGateway, { authority, root }: Place): Promise<string[]> {
  const above = authority === root ? [] : [await gateway.certificateOf(root)];
  const bag = [...(await gateway.raCertificatesOf(authority)), await gateway.certificateOf(authority), ...above];
  return bag.map((pem) => fingerprint(new X509Certificate(pem)));
}

/** Expects that an end entity got its certificate, the only one, with the registered subject. */
export async function expectIssued(
  gateway: InteropGateway,
  attempt: Attempt,
  endEntity: Registered,
): Promise<X509Certificate> {
  assertSuccess('the client', attempt.result);
  const certificate = readCredentials(attempt);
  expect(certificate.subject).toBe(`CN=${endEntity.username}`);
  await expect(gateway.statusOf(endEntity)).resolves.toBe('GENERATED');
  await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([fingerprint(certificate)]);
  return certificate;
}

/** Expects that an end entity got a certificate in addition to those that it has already. */
export async function expectRenewed(
  gateway: InteropGateway,
  attempt: Attempt,
  endEntity: Registered,
  before: readonly X509Certificate[],
): Promise<X509Certificate> {
  assertSuccess('the client', attempt.result);
  const certificate = readCredentials(attempt);
  expect(certificate.subject.split('\n')).toContain(`CN=${endEntity.username}`);
  const issued = await gateway.certificatesOf(endEntity);
  expect([...issued].sort()).toEqual([...before, certificate].map(fingerprint).sort());
  return certificate;
}

/** Expects that the client noticed the refusal, wrote no certificate, and that nothing was issued. */
export async function expectRefused(
  gateway: InteropGateway,
  { result, certificateFile }: Attempt,
  endEntity: Registered,
): Promise<void> {
  expect(result.code).not.toBe(0);
  expect(existsSync(certificateFile)).toBe(false);
  await expect(gateway.statusOf(endEntity)).resolves.toBe('NEW');
  await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([]);
}
