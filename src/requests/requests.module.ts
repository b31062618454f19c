import { Module } from '@nestjs/common';
import { RequestLog } from './request-log';
import { UndecodableCounter } from './undecodable-counter';
import { UndecodableRequestsReader } from './undecodable-requests.reader';

const PROVIDERS = [RequestLog, UndecodableCounter, UndecodableRequestsReader];

/** The request log. Needs the database's providers, CLOCK and LOGGER globally. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class RequestsModule {}
