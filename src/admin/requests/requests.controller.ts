import { Controller, Get, Query } from '@nestjs/common';
import { RequestLog, type RequestPosition } from '../../requests/request-log';
import type { RequestEntity } from '../../requests/request.entity';
import type { UndecodableRequestEntity } from '../../requests/undecodable-request.entity';
import { UndecodableRequestsReader, type UndecodablePosition } from '../../requests/undecodable-requests.reader';
import { filterTime } from '../filter-text';
import { Documented, pageOf } from '../openapi/documented';
import { dayPart, Pager, textPart, timePart, uuidPart, type Page } from '../pagination';
import { RequestsQuery, UndecodableQuery } from './request.query';
import {
  REQUEST_ANSWER,
  requestView,
  UNDECODABLE_ANSWER,
  undecodableView,
  type RequestView,
  type UndecodableView,
} from './request.presenter';

const REQUESTS = new Pager<RequestEntity, RequestPosition>(
  { receivedAt: timePart, id: uuidPart },
  ({ receivedAt, id }) => ({ receivedAt, id }),
);
const UNDECODABLE = new Pager<UndecodableRequestEntity, UndecodablePosition>(
  { day: dayPart, alias: textPart, cause: textPart },
  ({ day, alias, cause }) => ({ day, alias, cause }),
);

/** The request log. */
@Controller('api/v1/requests')
export class RequestsController {
  constructor(
    private readonly log: RequestLog,
    private readonly undecodable: UndecodableRequestsReader,
  ) {}

  @Get()
  @Documented({
    summary: 'Lists what devices asked and what was decided, the newest first',
    status: 200,
    answer: pageOf(REQUEST_ANSWER),
  })
  list(@Query() query: RequestsQuery): Promise<Page<RequestView>> {
    const { alias, outcome, transactionID, username } = query;
    const time = { since: filterTime(query.since), until: filterTime(query.until) };
    const filter = { alias, outcome, transactionID, username, ...time };
    return REQUESTS.page(query, (limit, after) => this.log.list(filter, limit, after), requestView);
  }

  @Get('undecodable')
  @Documented({
    summary: 'Lists by day, alias and cause what could not be decoded',
    status: 200,
    answer: pageOf(UNDECODABLE_ANSWER),
  })
  listUndecodable(@Query() query: UndecodableQuery): Promise<Page<UndecodableView>> {
    const { alias } = query;
    return UNDECODABLE.page(query, (limit, after) => this.undecodable.list({ alias }, limit, after), undecodableView);
  }
}
