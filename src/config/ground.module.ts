import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CLOCK } from '../common/clock';
import type { Clock } from '../common/clock';
import { LOGGER } from '../common/logger';
import type { Logger } from '../common/logger';
import { RANDOM_SOURCE } from '../common/random-source';
import type { RandomSource } from '../common/random-source';
import { CONFIG } from './environment';
import type { Config } from './environment';

/** What every room stands on. */
export interface Ground {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Gives every room the configuration, the logger, the clock and the source of random bytes by their tokens. */
@Module({})
export class GroundModule {
  /** @param ground made before the application, as tests bring their own */
  static forRoot(ground: Ground): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: ground.config },
      { provide: LOGGER, useValue: ground.logger },
      { provide: CLOCK, useValue: ground.clock },
      { provide: RANDOM_SOURCE, useValue: ground.random },
    ];
    return { module: GroundModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
