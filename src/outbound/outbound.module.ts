import { Module } from '@nestjs/common';
import { OutboundClients } from './outbound-clients';
import { systemTimer, TIMER } from './timer';

/** How other services are reached. */
@Module({
  providers: [OutboundClients, { provide: TIMER, useValue: systemTimer }],
  exports: [OutboundClients, TIMER],
})
export class OutboundModule {}
