import { Injectable } from '@nestjs/common';
import { RolloverService } from '../authorities/rollover.service';
import type { Job } from './job';

const MINUTE_MS = 60_000;

/** Makes the rollovers whose time has come. */
@Injectable()
export class RolloverJob implements Job {
  readonly name = 'rollovers';
  readonly everyMs = MINUTE_MS;

  constructor(private readonly rollovers: RolloverService) {}

  async run(): Promise<void> {
    await this.rollovers.activateDue();
  }
}
