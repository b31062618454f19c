import { Injectable } from '@nestjs/common';
import { CrlIssuer } from '../authorities/crl-issuer';
import type { Job } from './job';

const MINUTE_MS = 60_000;

/** Issues the CRLs of all authorities in time. */
@Injectable()
export class CrlJob implements Job {
  readonly name = 'crls';
  readonly everyMs = MINUTE_MS;

  constructor(private readonly crls: CrlIssuer) {}

  async run(): Promise<void> {
    await this.crls.issueDue();
  }
}
