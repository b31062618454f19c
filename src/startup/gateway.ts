import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { CLOCK } from '../common/clock';
import type { Clock } from '../common/clock';
import { LOGGER } from '../common/logger';
import type { Logger } from '../common/logger';
import { CONFIG } from '../config/environment';
import type { Config } from '../config/environment';
import { AdvisoryLock } from '../database/advisory-lock';
import { DevicePool } from '../database/pg-pool';
import { createAdminServer } from '../listeners/admin-server';
import { DEVICE_DOORS } from '../listeners/device-door';
import type { DeviceDoor } from '../listeners/device-door';
import { createDeviceServer } from '../listeners/device-server';
import type { DrainingServer } from '../listeners/draining-server';
import type { ReadinessProbe } from '../listeners/health';
import { databaseProbe } from './readiness';
import { START_STEPS } from './start-step';
import type { StartStep } from './start-step';
import { Welcome } from './welcome';

const START_LOCK = 'scep-gateway start';

/** One process that serves: the application with its two listeners. */
export class Gateway {
  private stopping: Promise<void> | undefined;

  private constructor(
    private readonly application: INestApplication,
    private readonly serving: { open: boolean },
    private readonly servers: readonly DrainingServer[],
    /** Where devices are served. */
    readonly deviceAddress: AddressInfo,
    /** Where administrators are served. */
    readonly adminAddress: AddressInfo,
  ) {}

  /**
   * Initialises the application and begins to listen.
   *
   * @param application created, not initialised; closed again if this fails
   * @param options `runStartSteps`: this is the first worker
   */
  static async open(application: INestApplication, options: { runStartSteps: boolean }): Promise<Gateway> {
    try {
      await application.init();
      if (options.runStartSteps) await runStartSteps(application);
      return await Gateway.listen(application);
    } catch (error) {
      await application.close();
      throw error;
    }
  }

  private static async listen(application: INestApplication): Promise<Gateway> {
    const config = application.get<Config>(CONFIG);
    const serving = { open: true };
    const probe = databaseProbe(application.get(DevicePool), application.get<Clock>(CLOCK));
    const isReady: ReadinessProbe = async () => serving.open && (await probe());
    const devices = createDeviceServer({
      doors: application.get<readonly DeviceDoor[]>(DEVICE_DOORS),
      isReady,
      logger: application.get<Logger>(LOGGER),
    });
    const administrators = createAdminServer({
      application: application.getHttpAdapter().getInstance() as RequestListener,
      isReady,
      ...(config.adminTls === undefined ? {} : { tls: config.adminTls }),
    });
    const deviceAddress = await devices.listen(config.publicHost, config.publicPort, 'PUBLIC');
    try {
      const adminAddress = await administrators.listen(config.adminHost, config.adminPort, 'ADMIN');
      return new Gateway(application, serving, [devices, administrators], deviceAddress, adminAddress);
    } catch (error) {
      await devices.drain();
      throw error;
    }
  }

  /** What to tell the operator at the end of a start; undefined where there is nothing to say. */
  welcome(): Promise<string | undefined> {
    return this.application.get(Welcome).text(this.deviceAddress, this.adminAddress);
  }

  /** Lets the requests that are under way finish, then closes the application. Later calls wait for the same. */
  async stop(): Promise<void> {
    this.stopping ??= this.close();
    await this.stopping;
  }

  private async close(): Promise<void> {
    this.serving.open = false;
    await Promise.all(this.servers.map(async (server) => server.drain()));
    await this.application.close();
  }
}

async function runStartSteps(application: INestApplication): Promise<void> {
  const steps = application.get<readonly StartStep[]>(START_STEPS);
  if (steps.length === 0) return;
  const logger = application.get<Logger>(LOGGER);
  await application.get(AdvisoryLock).withLock(START_LOCK, async () => {
    for (const step of steps) {
      logger.debug({ step: step.name }, 'start step');
      await step.run();
    }
  });
}
