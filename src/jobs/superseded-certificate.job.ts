import { Injectable } from '@nestjs/common';
import { SupersededCertificates } from '../end-entities/superseded-certificates';
import type { Job } from './job';

const MINUTE_MS = 60_000;
const AT_A_TIME = 200;

/** Revokes superseded certificates when their time has come. */
@Injectable()
export class SupersededCertificateJob implements Job {
  readonly name = 'superseded-certificates';
  readonly everyMs = MINUTE_MS;

  constructor(private readonly superseded: SupersededCertificates) {}

  /** A round; what is left is for the next one. */
  async run(): Promise<void> {
    await this.superseded.revokeDue(AT_A_TIME);
  }
}
