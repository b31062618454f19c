import type { INestApplication } from '@nestjs/common';
import { SystemClock } from '../common/clock';
import { createLogger } from '../common/logger';
import type { Logger } from '../common/logger';
import { SystemRandomSource } from '../common/random-source';
import { loadConfig } from '../config/environment';
import type { Config } from '../config/environment';
import type { Ground } from '../config/ground.module';
import { Gateway } from './gateway';
import { migrateDatabase } from './schema';
import { isMessage } from './worker-message';
import type { DrainMessage, ReadyMessage } from './worker-message';

/**
 * One of the processes that serve. It ends when its primary does, or tells it to.
 *
 * @param first it brings the database's schema up to date and runs the start steps
 * @param createApplication makes the application of all rooms
 */
export async function runWorker(
  first: boolean,
  createApplication: (ground: Ground) => Promise<INestApplication>,
): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  endOnBugs(logger);
  const opening = open(config, logger, first, createApplication);
  // One that is still starting is stopped as soon as it can be.
  const drain = (): void => {
    opening.then(
      (gateway) => void end(gateway, logger),
      () => undefined,
    );
  };
  // Ctrl-C reaches the whole process group; the primary decides.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', drain);
  process.on('message', (message) => {
    if (isMessage<DrainMessage>(message, 'drain')) drain();
  });
  const gateway = await opening;
  const { deviceAddress, adminAddress, ndesAddress } = gateway;
  const ready: ReadyMessage = {
    type: 'ready',
    publicPort: deviceAddress.port,
    adminPort: adminAddress.port,
    ...(ndesAddress === undefined ? {} : { ndesPort: ndesAddress.port }),
  };
  process.send?.(ready);
  if (first) await sayWelcome(gateway, logger);
}

async function open(
  config: Config,
  logger: Logger,
  first: boolean,
  createApplication: (ground: Ground) => Promise<INestApplication>,
): Promise<Gateway> {
  if (config.databaseUrl === undefined) throw new Error('a worker is given a database by its primary');
  if (first) await migrateDatabase(config.databaseUrl, logger);
  const ground = { config, logger, clock: new SystemClock(), random: new SystemRandomSource() };
  return Gateway.open(await createApplication(ground), { runStartSteps: first });
}

// It serves already: what keeps it from telling so, a database that is just away, is no reason to end.
async function sayWelcome(gateway: Gateway, logger: Logger): Promise<void> {
  try {
    process.stdout.write((await gateway.welcome()) ?? '');
  } catch (error) {
    logger.warn({ err: error }, 'the gateway serves, but cannot say where');
  }
}

async function end(gateway: Gateway, logger: Logger): Promise<void> {
  try {
    await gateway.stop();
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, 'the worker did not stop cleanly');
    process.exit(1);
  }
}

// After an error that nobody expected the state is unknown: the primary starts a fresh process.
function endOnBugs(logger: Logger): void {
  const onBug = (error: unknown): void => {
    logger.fatal({ err: error }, 'unexpected error; the worker ends');
    process.exit(1);
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
}
