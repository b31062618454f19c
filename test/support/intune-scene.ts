import { DataSource } from 'typeorm';
import type { Enrolment, EnrolmentMessage } from '../../src/client/enrolment-message';
import { readEnrolmentReply } from '../../src/client/enrolment-message';
import { SystemRandomSource } from '../../src/common/random-source';
import { CertificateReleaseJob } from '../../src/jobs/certificate-release.job';
import { issuerAndSerialOf } from '../../src/pki/cms/certificate-identifier';
import { PKCS1_KEY_TRANSPORT } from '../../src/pki/cms/key-transport';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import type { RequestEntity } from '../../src/requests/request.entity';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { encodePkiMessage } from '../../src/scep/message/pki-message.encoder';
import { ApprovalDesk, statusOf } from './approvals';
import { enrolmentScene, type EnrolmentScene } from './enrolment-scene';
import { FakeIntune } from './fake-intune';
import { forgeIdentity } from './forged-message';
import { RestClient } from './rest-client';
import type { TestGateway } from './start-gateway';

/** A device that was given a challenge, and its message. */
export interface ManagedDevice {
  readonly username: string;
  readonly message: EnrolmentMessage;
  readonly changes: Partial<Enrolment>;
}

/** What a device got. */
export interface DeviceAnswer {
  readonly status: number;
  /** SUCCESS, or the failInfo; undefined without a CertRep. */
  readonly told?: string;
  readonly retryAfter: string | null;
  readonly certificate?: Certificate;
}

/** A certificate in the database. */
export interface IssuedRow {
  readonly certificate: Buffer;
  readonly revocation_reason: number | null;
}

/** The alias that asks the fake. */
export const INTUNE_ALIAS = 'intune';

/** A gateway with an alias of kind `intune`, and a fake of the service. Each challenge is good for one request. */
export class IntuneScene {
  readonly rest: RestClient;
  private devices = 0;

  private constructor(
    readonly scene: EnrolmentScene,
    readonly fake: FakeIntune,
  ) {
    this.rest = new RestClient(scene.gateway);
  }

  /** Starts both. */
  static async start(): Promise<IntuneScene> {
    // That a service does not answer is an error, and what most tests are about.
    const scene = await enrolmentScene({ environment: { LOG_LEVEL: 'fatal' } });
    const fake = await FakeIntune.start(scene.clock);
    fake.spendsChallenges = true;
    const intune = new IntuneScene(scene, fake);
    await scene.createAlias(INTUNE_ALIAS, intune.settings);
    return intune;
  }

  /** Settings of an alias that asks the fake. */
  get settings() {
    const { fake } = this;
    return {
      challenge: { kind: 'intune', intune: { ...fake.settings, applicationKey: fake.applicationKey } },
      renewal: { challengeRequired: true },
    };
  }

  /** Nothing fails any more, and nothing of what was called before is remembered. */
  reset(): void {
    const { fake, scene } = this;
    fake.heal();
    fake.calls.length = 0;
    fake.failed.length = 0;
    // Longer than the service wants to be left alone.
    scene.clock.advance({ minutes: 1 });
  }

  async close(): Promise<void> {
    await this.scene.close();
    await this.fake.close();
  }

  /** A new device with an end entity of its own, whose certificate is to have this subject. */
  async device(subject?: string): Promise<ManagedDevice> {
    this.devices += 1;
    const username = `laptop-${this.devices}`;
    const challenge = `challenge of ${username}`;
    const changes = { transactionID: `T-${username}` };
    await this.scene.register(username, 'unused', { subject: subject ?? `CN=${username}` });
    this.fake.challenges.add(challenge);
    return { username, changes, message: await this.scene.message(`CN=${username}`, challenge, changes, INTUNE_ALIAS) };
  }

  /** Sends a message, to another gateway than the first or another alias if told so. */
  async send(
    message: EnrolmentMessage,
    gateway: Pick<TestGateway, 'publicUrl'> = this.scene.gateway,
    alias = INTUNE_ALIAS,
  ): Promise<DeviceAnswer> {
    this.scene.clock.advance({ milliseconds: 1 });
    const response = await fetch(`${gateway.publicUrl}/scep/${alias}/pkiclient.exe?operation=PKIOperation`, {
      method: 'POST',
      body: new Uint8Array(message.bytes),
    });
    const { status, headers } = response;
    const retryAfter = headers.get('retry-after');
    const body = Buffer.from(await response.arrayBuffer());
    if (status !== 200) return { status, retryAfter };
    const reply = await readEnrolmentReply(body, message);
    const certificate = reply.pkiStatus === 'SUCCESS' ? { certificate: reply.certificate } : {};
    return { status, told: statusOf(reply), retryAfter, ...certificate };
  }

  query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.scene.gateway.application.get(DataSource).query<Row[]>(sql, values);
  }

  certificatesOf({ username }: ManagedDevice): Promise<IssuedRow[]> {
    return this.query('select certificate, revocation_reason from certificates where username = $1', [username]);
  }

  /** State of the device's transaction. */
  async stateOf({ message }: ManagedDevice): Promise<string | undefined> {
    const sql = 'select state from scep_transactions where transaction_id = $1';
    return (await this.query<{ state: string }>(sql, [message.transactionID]))[0]?.state;
  }

  /** The device's part of the request log, newest first. */
  async logOf({ message }: ManagedDevice): Promise<RequestEntity[]> {
    return (await this.scene.log()).filter(({ transactionID }) => transactionID === message.transactionID);
  }

  /** What of the validation service was called, oldest first. */
  calls(): string[] {
    return this.fake.calls.map(({ call }) => call).filter((call) => /validate|Notification/.test(call));
  }

  /** What CertPoll and GetCert answer about a device's certificate. */
  async elsewhere(device: ManagedDevice): Promise<{ polled: string; got: string }> {
    const { scene } = this;
    const [issued] = await this.certificatesOf(device);
    const polled = await new ApprovalDesk(scene)
      .poll(`CN=${device.username}`, device.changes, INTUNE_ALIAS)
      .then(statusOf, () => 'no CertRep');
    const { certificate, key } = await forgeIdentity('CN=anyone');
    const query = await encodePkiMessage(
      {
        messageType: 'GetCert',
        transactionID: 'a query',
        senderNonce: Buffer.alloc(16, 1),
        signingTime: scene.clock.now(),
        content: issuerAndSerialOf(Certificate.read(issued!.certificate)),
        recipient: (await scene.ca(INTUNE_ALIAS)).recipient,
        signer: { certificate, key: new PrivateKey(key) },
        digest: 'sha256',
        cipher: 'aes128',
        keyTransport: PKCS1_KEY_TRANSPORT,
      },
      new SystemRandomSource(),
    );
    const { outcome } = decodeCertRep((await scene.post(query, INTUNE_ALIAS)).body);
    return { polled, got: outcome.pkiStatus === 'FAILURE' ? outcome.failInfo : outcome.pkiStatus };
  }

  /** Has the job look after what was not released. */
  finish(): Promise<void> {
    return this.scene.gateway.application.get(CertificateReleaseJob, { strict: false }).run();
  }
}
