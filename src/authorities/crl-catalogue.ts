import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { VersionedCache } from '../database/versioned-cache';
import type { GenerationState } from './authority-generation.entity';
import type { CrlTimes } from './crl-schedule';

/** A CRL as it is served. */
export interface Crl extends CrlTimes {
  readonly authorityId: number;
  readonly generationId: number;
  /** Number of the authority's generation. */
  readonly generation: number;
  readonly state: GenerationState;
  /** cRLNumber. */
  readonly number: bigint;
  /**
   * Whether it is told from the one before it by thisUpdate: two can be of the same second, and one that was issued under a
   * clock that was ahead is followed by one of an earlier date.
   */
  readonly hasLaterDate: boolean;
  readonly der: Buffer;
}

/** The newest CRLs, as they were at one moment. */
export class Crls {
  private readonly byId: ReadonlyMap<number, Crl>;

  /** @param names authorities by name, former names included */
  constructor(
    private readonly crls: readonly Crl[],
    private readonly names: ReadonlyMap<string, number>,
  ) {
    this.byId = new Map(crls.map((crl) => [crl.generationId, crl]));
  }

  /** The newest CRL of a generation by the id of its row. */
  byGenerationId(id: number): Crl | undefined {
    return this.byId.get(id);
  }

  /** The newest CRL of a generation (by number; the current one unless given) of the authority of this name. */
  named(authority: string, generation?: number): Crl | undefined {
    const id = this.names.get(authority);
    return this.crls.find(
      (crl) =>
        crl.authorityId === id && (generation === undefined ? crl.state === 'current' : crl.generation === generation),
    );
  }
}

interface CrlRow {
  readonly authority_id: number;
  readonly generation_id: number;
  readonly generation: number;
  readonly state: GenerationState;
  readonly number: string;
  readonly this_update: Date;
  readonly next_update: Date;
  readonly has_later_date: boolean;
  readonly octets: number;
}

const NEWEST = `select distinct on (c.generation_id) g.authority_id, c.generation_id, g.number as generation, g.state,
    c.number, c.this_update, c.next_update, octet_length(c.crl) as octets,
    not exists (select from crls before where before.generation_id = c.generation_id and before.number < c.number
      and before.this_update >= c.this_update) as has_later_date
  from crls c join authority_generations g on g.id = c.generation_id
  order by c.generation_id, c.number desc`;

// One that exists now comes before one that was called so formerly.
const NAMES = `select name, authority_id from former_authority_names union all select name, id from authorities`;

const PIECE_OCTETS = 4 << 20;

/** The newest CRL of each generation in memory, for those who fetch it. */
@Injectable()
export class CrlCatalogue extends VersionedCache<Crls> {
  private kept: ReadonlyMap<string, Buffer> = new Map();

  constructor(
    configurationVersion: ConfigurationVersion,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {
    super(configurationVersion);
  }

  protected async load(): Promise<Crls> {
    const rows = await this.dataSource.query<CrlRow[]>(NEWEST);
    const names = await this.dataSource.query<{ name: string; authority_id: number }[]>(NAMES);
    const octets = new Map<string, Buffer>();
    for (const row of rows) octets.set(keyOf(row), this.kept.get(keyOf(row)) ?? (await this.read(row)));
    this.kept = octets;
    const crls = rows.map((row) => ({
      authorityId: row.authority_id,
      generationId: row.generation_id,
      generation: row.generation,
      state: row.state,
      number: BigInt(row.number),
      thisUpdate: row.this_update,
      nextUpdate: row.next_update,
      hasLaterDate: row.has_later_date,
      der: octets.get(keyOf(row)) as Buffer,
    }));
    return new Crls(crls, new Map(names.map(({ name, authority_id: id }) => [name, id])));
  }

  /** In pieces, for the driver's text form of a large one would take a multiple of it. */
  private async read({ generation_id: id, number, octets }: CrlRow): Promise<Buffer> {
    const crl = Buffer.allocUnsafe(octets);
    for (let start = 0; start < octets; start += PIECE_OCTETS) {
      const [row] = await this.dataSource.query<{ piece: Buffer }[]>(
        'select substring(crl from $3::int for $4::int) as piece from crls where generation_id = $1 and number = $2',
        [id, number, start + 1, PIECE_OCTETS],
      );
      if (row === undefined) throw new ServiceError('overloaded', 'newer CRLs are being issued all the time');
      row.piece.copy(crl, start);
    }
    return crl;
  }
}

const keyOf = (row: CrlRow): string => `${row.generation_id}/${row.number}`;
