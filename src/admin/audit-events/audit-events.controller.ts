import { Controller, Get, Query } from '@nestjs/common';
import type { AuditEventEntity } from '../../audit/audit-event.entity';
import { AuditReader, type AuditPosition } from '../../audit/audit-reader';
import { filterTime } from '../filter-text';
import { anyObject, Documented, moment, pageOf, text, type Answer } from '../openapi/documented';
import { Pager, timePart, uuidPart, type Page } from '../pagination';
import { AuditEventsQuery } from './audit-events.query';

const PAGER = new Pager<AuditEventEntity, AuditPosition>(
  { occurredAt: timePart, id: uuidPart },
  ({ occurredAt, id }) => ({ occurredAt, id }),
);

const ANSWER: Answer = {
  name: 'AuditEvent',
  properties: { id: text, occurredAt: moment, actor: text, action: text, target: text, details: anyObject },
};

/** The audit log; it can only be read. */
@Controller('api/v1/audit-events')
export class AuditEventsController {
  constructor(private readonly events: AuditReader) {}

  @Get()
  @Documented({ summary: 'Lists who did what, the newest first', status: 200, answer: pageOf(ANSWER) })
  list(@Query() query: AuditEventsQuery): Promise<Page<AuditEventEntity>> {
    const { actor, action, target } = query;
    const filter = { actor, action, target, since: filterTime(query.since), until: filterTime(query.until) };
    return PAGER.page(
      query,
      (limit, after) => this.events.list(filter, limit, after),
      (event) => event,
    );
  }
}
