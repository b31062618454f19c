import { Injectable } from '@nestjs/common';
import { OneTimeChallenges } from '../challenges/one-time/one-time-challenges';
import type { Job } from './job';

const HOUR_MS = 3_600_000;

/** Forgets one-time challenges whose time was over long ago. What is due is judged as expired whether or not it was here. */
@Injectable()
export class OneTimeChallengeJob implements Job {
  readonly name = 'one-time-challenges';
  readonly everyMs = HOUR_MS;

  constructor(private readonly challenges: OneTimeChallenges) {}

  run(): Promise<void> {
    return this.challenges.prune();
  }
}
