import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CLOCK, type Clock } from '../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { AuditEventEntity } from './audit-event.entity';

/** What is written down about one act. */
export interface AuditEntry {
  /** Who did it: an administrator's name (`administrator`), `gateway` for what the gateway does by itself. */
  readonly actor: string;
  /** What was done: the resource in the singular, a dot, the verb: `alias.create`, `end-entity.status`. */
  readonly action: string;
  /** To what: the resource's path below `/api/v1`, unescaped: `aliases/scep`, `end-entities/router-1`. */
  readonly target: string;
  /** What else an auditor wants to know, as JSON. Never a secret, nor anything from which one could be guessed. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Appends to the audit log. */
@Injectable()
export class AuditLog {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /**
   * Writes one event down.
   *
   * @param manager that of the transaction which does what is recorded: the act and its record appear together or not at all
   */
  async append(manager: EntityManager, entry: AuditEntry): Promise<void> {
    await manager.getRepository(AuditEventEntity).insert({
      id: this.random.uuid(),
      occurredAt: this.clock.now(),
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      details: entry.details ?? {},
    });
  }
}
