import { Module } from '@nestjs/common';
import { OutboundClients } from './outbound-clients';

/** How other services are reached. */
@Module({ providers: [OutboundClients], exports: [OutboundClients] })
export class OutboundModule {}
