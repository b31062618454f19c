import { Injectable } from '@nestjs/common';
import { RaCertificateService } from '../authorities/ra-certificate.service';
import type { Job } from './job';

const HOUR_MS = 3_600_000;

/** Renews the RA certificates of all authorities in time. */
@Injectable()
export class RaCertificateRenewalJob implements Job {
  readonly name = 'ra-certificate-renewal';
  readonly everyMs = HOUR_MS;

  constructor(private readonly raCertificates: RaCertificateService) {}

  async run(): Promise<void> {
    await this.raCertificates.renewDue();
  }
}
