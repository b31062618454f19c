import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ConfigurationVersion } from '../database/configuration-version';
import { VersionedCache } from '../database/versioned-cache';

/** The CA certificates, DER, by name of the authority and number of its generation. */
export type CaCertificatesByName = ReadonlyMap<string, ReadonlyMap<number, Buffer>>;

// One that exists now comes before one that was called so formerly.
const CERTIFICATES = `
select n.name, g.number, g.certificate
from (select name, authority_id, 1 as turn from former_authority_names union all select name, id, 2 from authorities) n
join authority_generations g on g.authority_id = n.authority_id
where g.certificate is not null
order by n.turn`;

/** The CA certificates in memory, those of former generations and under former names too, for those who fetch them. */
@Injectable()
export class CaCertificateCatalogue extends VersionedCache<CaCertificatesByName> {
  constructor(
    configurationVersion: ConfigurationVersion,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    super(configurationVersion);
  }

  protected async load(): Promise<CaCertificatesByName> {
    const rows = await this.dataSource.query<{ name: string; number: number; certificate: Buffer }[]>(CERTIFICATES);
    const byName = new Map<string, Map<number, Buffer>>();
    for (const { name, number, certificate } of rows)
      byName.set(name, (byName.get(name) ?? new Map<number, Buffer>()).set(number, certificate));
    return byName;
  }
}
