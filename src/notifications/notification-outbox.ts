import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { NotificationEvent } from './notification-settings';

/** A notification that is to go out, with the certificate that it is about. */
export interface DueNotification {
  readonly id: string;
  readonly key: string;
  readonly aliasId: number;
  readonly event: NotificationEvent;
  readonly details: object;
  readonly createdAt: Date;
  /** How often it was tried in vain. */
  readonly attempts: number;
  /** Undefined for a refusal. */
  readonly certificate: NotifiedCertificate | undefined;
}

/** A certificate as a notification tells of it. */
export interface NotifiedCertificate {
  readonly authority: string;
  readonly serialNumber: Buffer;
  readonly username: string;
  readonly subject: string;
  readonly der: Buffer;
  readonly fingerprint: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

interface DueRow {
  id: string;
  key: string;
  alias_id: number;
  event: NotificationEvent;
  details: object;
  created_at: Date;
  attempts: number;
  authority: string | null;
  serial_number: Buffer;
  username: string;
  subject: string;
  certificate: Buffer | null;
  fingerprint: Buffer;
  not_before: Date;
  not_after: Date;
}

// Of one certificate only the oldest: what it became later is told later. The aliases take turns, so that a few whose
// services are silent do not use up all the time. The limit of the lateral join keeps the planner from reading all partitions.
const DUE = `
select n.id, n.key, n.alias_id, n.event, n.details, n.created_at, n.attempts, a.name as authority,
  c.serial_number, c.username, c.subject, c.certificate, c.fingerprint, c.not_before, c.not_after
from (
  select n.*, row_number() over (partition by n.alias_id order by n.id) as place
  from notifications n
  where n.next_attempt_at <= $1 and n.alias_id <> all($3::integer[])
    and not exists (
      select from notifications e
      where e.authority_id = n.authority_id and e.serial_number = n.serial_number and e.id < n.id
    )
  order by place, n.id limit $2
) n
left join authorities a on a.id = n.authority_id
left join lateral (
  select * from certificates c where c.authority_id = n.authority_id and c.serial_number = n.serial_number limit 1
) c on true
order by n.place, n.id`;

/** What is still to be told, by age. */
@Injectable()
export class NotificationOutbox {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** At most `limit` that may go out now, the oldest of each alias first, but those of some aliases. */
  async due(now: Date, limit: number, exceptAliases: readonly number[]): Promise<DueNotification[]> {
    const rows = await this.dataSource.query<DueRow[]>(DUE, [now, limit, exceptAliases]);
    return rows.map((row) => ({
      id: row.id,
      key: row.key,
      aliasId: row.alias_id,
      event: row.event,
      details: row.details,
      createdAt: row.created_at,
      attempts: row.attempts,
      certificate:
        row.authority === null || row.certificate === null
          ? undefined
          : certificateOf(row, row.authority, row.certificate),
    }));
  }

  /** Forgets one that was delivered or given up. */
  async forget({ id }: DueNotification, manager: EntityManager = this.dataSource.manager): Promise<void> {
    await manager.query('delete from notifications where id = $1', [id]);
  }

  /** Forgets all of an alias that are as old, and tells how many there were. */
  async forgetOld(aliasId: number, createdBefore: Date, manager: EntityManager): Promise<number> {
    const [, forgotten] = await manager.query<[unknown, number]>(
      'delete from notifications where alias_id = $1 and created_at <= $2',
      [aliasId, createdBefore],
    );
    return forgotten;
  }

  /** Counts an attempt in vain. */
  async postpone({ id }: DueNotification, until: Date): Promise<void> {
    const update = 'update notifications set attempts = attempts + 1, next_attempt_at = $2 where id = $1';
    await this.dataSource.query(update, [id, until]);
  }
}

const certificateOf = (row: DueRow, authority: string, der: Buffer): NotifiedCertificate => ({
  authority,
  serialNumber: row.serial_number,
  username: row.username,
  subject: row.subject,
  der,
  fingerprint: row.fingerprint,
  notBefore: row.not_before,
  notAfter: row.not_after,
});
