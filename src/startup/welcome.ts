import { Inject, Injectable } from '@nestjs/common';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { DEFAULT_ALIAS } from '../aliases/alias-name';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import { fingerprints } from '../authorities/fingerprint';
import { ADMIN_TOKEN_FILE_NAME, DEFAULT_GATEWAY_URL } from '../config/cli-environment';
import { CONFIG, type Config } from '../config/environment';

/** Tells whoever has just started a gateway where it is, what to compare, and how to enrol a first device. */
@Injectable()
export class Welcome {
  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly authorities: AuthorityCatalogue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The text, for a terminal. Only beside the embedded database, where there is the alias that the example uses; a fleet
   * of gateways has better places to look than the output of one of them.
   */
  async text(deviceAddress: AddressInfo, adminAddress: AddressInfo): Promise<string | undefined> {
    const alias = (await this.aliases.get()).byName(DEFAULT_ALIAS);
    const authority = (await this.authorities.get()).byId.get(alias?.authorityIds[0] ?? 0);
    if (!this.config.databaseIsEmbedded || alias === undefined || authority === undefined) return undefined;
    const scepUrl = `${urlOf('http', deviceAddress)}/scep/${alias.name}/pkiclient.exe`;
    const adminUrl = urlOf(this.config.adminTls === undefined ? 'http' : 'https', adminAddress);
    const { sha256, sha1, md5 } = fingerprints(authority.generations.current.certificate);
    return [
      '',
      `  SCEP URL        ${scepUrl}`,
      `  CA              ${authority.name}`,
      `    SHA-256       ${sha256}`,
      `    SHA-1         ${sha1}`,
      `    MD5           ${md5}`,
      `  Administration  ${adminUrl}/api/docs`,
      `  Admin token     ${this.config.adminTokenFile ?? 'as given in ADMIN_TOKEN'}`,
      '',
      '  Register an end entity and enrol it:',
      '',
      `    npx scep-gateway end-entity create router-1${this.options(adminUrl)} --enrolment-code secret-1 && \\`,
      `    npx scep-gateway enroll -u ${scepUrl} --subject CN=router-1 --challenge secret-1 -k router-1.key -l router-1.pem`,
      '',
      '',
    ].join('\n');
  }

  /** What the commands have to be told in another terminal: nothing, if the gateway is where they look by themselves. */
  private options(adminUrl: string): string {
    const { adminTokenFile } = this.config;
    const gateway = adminUrl === DEFAULT_GATEWAY_URL ? '' : ` --gateway ${adminUrl}`;
    const found = adminTokenFile === undefined || adminTokenFile === resolve('data', ADMIN_TOKEN_FILE_NAME);
    return gateway + (found ? '' : ` --token-file '${adminTokenFile.replaceAll("'", "'\\''")}'`);
  }
}

/** A listener on all addresses is reached on this machine by the loopback one. */
function urlOf(scheme: string, { address, family, port }: AddressInfo): string {
  const everywhere = address === '::' || address === '0.0.0.0';
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `${scheme}://${host}:${port}`;
}
