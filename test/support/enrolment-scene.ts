import { AliasRegistry } from '../../src/aliases/alias.registry';
import { AuthorityService, type NewAuthority } from '../../src/authorities/authority.service';
import type { CaCertificates } from '../../src/client/ca-certificates';
import type { Enrolment, EnrolmentMessage, EnrolmentReply } from '../../src/client/enrolment-message';
import { readEnrolmentReply } from '../../src/client/enrolment-message';
import { ScepClient } from '../../src/client/scep-client';
import { SystemRandomSource } from '../../src/common/random-source';
import { NewEndEntityInput } from '../../src/end-entities/end-entity.input';
import { EndEntityService } from '../../src/end-entities/end-entity.service';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { RequestLog } from '../../src/requests/request-log';
import type { RequestEntity } from '../../src/requests/request.entity';
import { DataSource } from 'typeorm';
import { FixedClock } from './fixed-clock';
import { startGateway, type TestGateway, type TestGatewayOptions } from './start-gateway';

const ACTOR = 'test';

/** A gateway with an authority and an alias, and what a test does to it. */
export interface EnrolmentScene {
  readonly gateway: TestGateway;
  readonly clock: FixedClock;
  readonly endEntities: EndEntityService;
  /** SCEP URL of an alias. */
  url(alias?: string): string;
  client(alias?: string, caIdentifier?: string): ScepClient;
  ca(alias?: string): Promise<CaCertificates>;
  /** Registers an end entity. */
  register(username: string, enrolmentCode: string, more?: object): Promise<void>;
  createAlias(name: string, settings: object): Promise<void>;
  createAuthority(request: NewAuthority): Promise<void>;
  /** A message of the client; `changes` beyond a common enrolment. */
  message(
    subject: string,
    challengePassword: string,
    changes?: Partial<Enrolment>,
    alias?: string,
  ): Promise<EnrolmentMessage>;
  /** Sends a message and reads the answer strictly. */
  send(message: EnrolmentMessage, alias?: string): Promise<EnrolmentReply>;
  enrol(
    subject: string,
    challengePassword: string,
    changes?: Partial<Enrolment>,
    alias?: string,
  ): Promise<EnrolmentReply>;
  /** PKIOperation by POST with any bytes. */
  post(bytes: Buffer, alias?: string): Promise<{ status: number; contentType: string | null; body: Buffer }>;
  /** The request log, newest first. */
  log(): Promise<readonly RequestEntity[]>;
  /** How many certificates there are. */
  certificates(): Promise<number>;
  close(): Promise<void>;
}

/** One key for all requests of a spec that do not need one of their own: making RSA keys takes long. */
export const DEVICE_KEY = PrivateKey.generateRsa(2048);

/** Starts a gateway with the authority `Devices` and the alias `scep`. */
export async function enrolmentScene(options: TestGatewayOptions = {}): Promise<EnrolmentScene> {
  const clock = new FixedClock();
  const random = new SystemRandomSource();
  const gateway = await startGateway({ clock, ...options });
  const get = <T>(type: abstract new (...parameters: never[]) => T): T =>
    gateway.application.get(type, { strict: false });
  const endEntities = get(EndEntityService);
  const url = (alias = 'scep'): string => `${gateway.publicUrl}/scep/${alias}/pkiclient.exe`;
  const client = (alias?: string, caIdentifier?: string): ScepClient =>
    new ScepClient({ url: url(alias), clock, random, caIdentifier });
  const bags = new Map<string, CaCertificates>();
  const ca = async (alias = 'scep'): Promise<CaCertificates> => {
    const bag = bags.get(alias) ?? (await client(alias).getCaCert());
    bags.set(alias, bag);
    return bag;
  };
  const message: EnrolmentScene['message'] = async (subject, challengePassword, changes = {}, alias) =>
    client(alias).encode(
      {
        messageType: 'PKCSReq',
        subject: DistinguishedName.parse(subject),
        key: DEVICE_KEY,
        challengePassword,
        digest: 'sha256',
        cipher: 'aes128',
        ...changes,
      },
      await ca(alias),
    );
  const send: EnrolmentScene['send'] = async (encoded, alias) => {
    // No two requests come at the same moment, so that the log has an order.
    clock.advance({ milliseconds: 1 });
    return readEnrolmentReply(await client(alias).send(encoded.bytes, 'POST'), encoded);
  };
  const createAuthority: EnrolmentScene['createAuthority'] = async (request) => {
    await get(AuthorityService).create(ACTOR, request);
  };
  const createAlias: EnrolmentScene['createAlias'] = async (name, settings) => {
    await get(AliasRegistry).create(ACTOR, name, { authorities: ['Devices'], ...settings });
  };
  await createAuthority({ name: 'Devices', subject: 'CN=Devices,O=Example' });
  await createAlias('scep', {});
  return {
    gateway,
    clock,
    endEntities,
    url,
    client,
    ca,
    message,
    send,
    createAlias,
    createAuthority,
    register: async (username, enrolmentCode, more = {}) => {
      const input = { username, enrolmentCode, authority: 'Devices', ...more };
      await endEntities.create(ACTOR, Object.assign(new NewEndEntityInput(), input));
    },
    enrol: async (subject, challengePassword, changes, alias) =>
      send(await message(subject, challengePassword, changes, alias), alias),
    post: async (bytes, alias) => {
      clock.advance({ milliseconds: 1 });
      const response = await fetch(`${url(alias)}?operation=PKIOperation`, {
        method: 'POST',
        body: new Uint8Array(bytes),
      });
      return {
        status: response.status,
        contentType: response.headers.get('content-type'),
        body: Buffer.from(await response.arrayBuffer()),
      };
    },
    log: () => get(RequestLog).list({}, 1000),
    certificates: async () => {
      const [row] = await gateway.application
        .get(DataSource)
        .query<{ n: number }[]>('select count(*)::int as n from certificates');
      return row?.n ?? 0;
    },
    close: () => gateway.close(),
  };
}
