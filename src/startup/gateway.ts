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
import { ADMIN_DOORS } from '../listeners/admin-door';
import type { AdminDoor } from '../listeners/admin-door';
import { createAdminDoorServer, createAdminServer } from '../listeners/admin-server';
import { DEVICE_DOORS } from '../listeners/device-door';
import type { DeviceDoor } from '../listeners/device-door';
import { createDeviceServer } from '../listeners/device-server';
import type { DrainingServer, ListenerName } from '../listeners/draining-server';
import type { ReadinessProbe } from '../listeners/health';
import { databaseProbe } from './readiness';
import { START_STEPS } from './start-step';
import type { StartStep } from './start-step';
import { Welcome } from './welcome';

const START_LOCK = 'scep-gateway start';

/** A listener that is yet to be opened. */
interface Listener {
  readonly server: DrainingServer;
  readonly host: string;
  readonly port: number;
}

/** Where a gateway listens. */
interface Addresses {
  readonly PUBLIC: AddressInfo;
  readonly ADMIN: AddressInfo;
  readonly NDES?: AddressInfo;
}

/** One process that serves: the application with its listeners. */
export class Gateway {
  private stopping: Promise<void> | undefined;

  private constructor(
    private readonly application: INestApplication,
    private readonly serving: { open: boolean },
    private readonly servers: readonly DrainingServer[],
    private readonly addresses: Addresses,
  ) {}

  /** Where devices are served. */
  get deviceAddress(): AddressInfo {
    return this.addresses.PUBLIC;
  }

  /** Where administrators are served. */
  get adminAddress(): AddressInfo {
    return this.addresses.ADMIN;
  }

  /** Where NDES's page is, if it has a listener of its own. */
  get ndesAddress(): AddressInfo | undefined {
    return this.addresses.NDES;
  }

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
    const logger = application.get<Logger>(LOGGER);
    const doors = application.get<readonly DeviceDoor[]>(DEVICE_DOORS);
    const adminDoors = application.get<readonly AdminDoor[]>(ADMIN_DOORS);
    const administrators = createAdminServer({
      application: application.getHttpAdapter().getInstance() as RequestListener,
      doors: config.ndes === undefined ? adminDoors : [],
      isReady,
      logger,
      tls: config.adminTls,
    });
    const listeners: Partial<Record<ListenerName, Listener>> = {
      PUBLIC: {
        server: createDeviceServer({ doors, isReady, logger }),
        host: config.publicHost,
        port: config.publicPort,
      },
      ADMIN: { server: administrators, host: config.adminHost, port: config.adminPort },
    };
    if (config.ndes !== undefined) {
      const server = createAdminDoorServer({ doors: adminDoors, isReady, logger }, config.ndes.tls);
      listeners.NDES = { server, host: config.ndes.host, port: config.ndes.port };
    }
    const servers = Object.values(listeners).map(({ server }) => server);
    return new Gateway(application, serving, servers, await listenAll(listeners));
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

/** Opens all listeners, or none. */
async function listenAll(listeners: Partial<Record<ListenerName, Listener>>): Promise<Addresses> {
  const addresses: Partial<Record<ListenerName, AddressInfo>> = {};
  try {
    for (const [name, { server, host, port }] of Object.entries(listeners) as [ListenerName, Listener][])
      addresses[name] = await server.listen(host, port, name);
    return addresses as Addresses;
  } catch (error) {
    await Promise.all(Object.values(listeners).map(({ server }) => server.drain()));
    throw error;
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
