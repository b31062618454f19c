import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { UndecodableRequestEntity } from './undecodable-request.entity';

/** The place of one count in the list. */
export interface UndecodablePosition {
  readonly day: string;
  readonly alias: string;
  readonly cause: string;
}

/** Reads the counts of what could not be decoded. */
@Injectable()
export class UndecodableRequestsReader {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** At most `limit` counts, the newest day first, those behind `after` where it is given. */
  async list(
    filter: { readonly alias?: string },
    limit: number,
    after?: UndecodablePosition,
  ): Promise<UndecodableRequestEntity[]> {
    const query = this.dataSource.getRepository(UndecodableRequestEntity).createQueryBuilder('count');
    if (filter.alias !== undefined) query.andWhere('count.alias = :only', { only: filter.alias });
    if (after !== undefined)
      query.andWhere(
        `(count.day < :day or count.day = :day and
          (count.alias collate "C", count.cause collate "C") > (:alias, :cause))`,
        { ...after },
      );
    return query
      .orderBy('count.day', 'DESC')
      .addOrderBy('count.alias collate "C"')
      .addOrderBy('count.cause collate "C"')
      .limit(limit)
      .getMany();
  }
}
