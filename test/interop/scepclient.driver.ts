import { join } from 'node:path';
import { type CommandResult, runCommand } from './command';
import type { Attempt } from './credentials';
import type { InteropGateway, Method, Registered } from './interop-gateway';

/** scepclient 2.1 signs with SHA-1 and encrypts with single DES, whatever GetCACaps offers. */
export const SCEPCLIENT_ALGORITHMS = { accept: { digests: ['sha1', 'sha256'], ciphers: ['des', 'aes128'] } };

/** scepclient's options for one run. */
export interface ScepclientEnrolment {
  readonly alias: string;
  readonly method?: Method;
  readonly bits?: number;
  readonly endEntity: Registered;
  readonly challenge?: string;
  /** Where an earlier run has left key and certificate: then it renews, with the same key. */
  readonly directory?: string;
  /** Further options, such as `-ca-fingerprint`. */
  readonly options?: readonly string[];
}

/** Runs micromdm's scepclient. */
export class Scepclient {
  /** @param gateway whose URLs and directories it uses */
  constructor(private readonly gateway: InteropGateway) {}

  /** Enrols, or renews. */
  async enrol(enrolment: ScepclientEnrolment): Promise<Attempt & { readonly directory: string }> {
    const { alias, method = 'POST', bits = 2048, endEntity, options = [] } = enrolment;
    const directory = enrolment.directory ?? this.gateway.directory();
    const keyFile = join(directory, 'client.key');
    const certificateFile = join(directory, 'client.pem');
    const args = [
      ...['-server-url', this.gateway.scepUrl(alias, method)],
      ...['-private-key', keyFile, '-certificate', certificateFile, '-keySize', String(bits)],
      ...['-cn', endEntity.username, '-challenge', enrolment.challenge ?? endEntity.enrolmentCode, '-debug'],
      ...options,
    ];
    const result: CommandResult = await runCommand('scepclient', args, { cwd: directory });
    return { result, directory, keyFile, certificateFile };
  }
}
