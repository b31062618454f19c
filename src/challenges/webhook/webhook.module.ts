import { Module } from '@nestjs/common';
import { OutboundModule } from '../../outbound/outbound.module';
import { WebhookCaller } from './webhook-caller';
import { WebhookChallenge } from './webhook.challenge';
import { WebhookChannel } from './webhook-channel';

/** The customer's service as a judge, and the channel to it. Needs CLOCK globally. */
@Module({
  imports: [OutboundModule],
  providers: [WebhookChannel, WebhookCaller, WebhookChallenge],
  exports: [WebhookChannel, WebhookChallenge],
})
export class WebhookModule {}
