import { Injectable } from '@nestjs/common';
import { CertificateRelease } from '../enrolment/certificate-release';
import { ValidatedRequests } from '../enrolment/validated-requests';
import type { Job } from './job';

const MINUTE_MS = 60_000;

/**
 * Sees to certificates that were issued and not delivered, since a foreign service could not be told of them and the device
 * has not asked again. And forgets what was validated and came to nothing.
 */
@Injectable()
export class CertificateReleaseJob implements Job {
  readonly name = 'certificate-release';
  readonly everyMs = MINUTE_MS;

  constructor(
    private readonly release: CertificateRelease,
    private readonly validated: ValidatedRequests,
  ) {}

  async run(): Promise<void> {
    await this.release.finishDue();
    await this.validated.forgetOld();
  }
}
