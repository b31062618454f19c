import type { CaCertificates } from '../../src/client/ca-certificates';
import type { Enrolment, EnrolmentMessage, EnrolmentReply } from '../../src/client/enrolment-message';
import { RolloverJob } from '../../src/jobs/rollover.job';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { DEVICE_KEY, type EnrolmentScene } from './enrolment-scene';
import { type Enrolled, NEW_KEY } from './renewal';
import { RestClient, type JsonObject } from './rest-client';

/** What an administrator and devices do around the rollover of one authority, through one alias. */
export class RolloverActs {
  private readonly rest: RestClient;

  constructor(
    private readonly scene: EnrolmentScene,
    private readonly authority: string,
    private readonly alias: string,
  ) {
    this.rest = new RestClient(scene.gateway);
  }

  /** Plans a rollover by REST and returns the next generation as it is answered. */
  async plan(body: object): Promise<JsonObject> {
    const { status, body: answer } = await this.rest.post(`authorities/${this.authority}/rollover`, body);
    if (status !== 201) throw new Error(JSON.stringify(answer));
    return (answer['generations'] as JsonObject[])[0]!;
  }

  /** Runs the job that makes rollovers. */
  async runJob(): Promise<void> {
    await this.scene.gateway.application.get(RolloverJob, { strict: false }).run();
  }

  /** What GetCACert shows at this moment. */
  ca(): Promise<CaCertificates> {
    return this.scene.client(this.alias).getCaCert();
  }

  /** What GetNextCACert shows, verified by what GetCACert shows. */
  async nextCa(): Promise<CaCertificates> {
    return this.scene.client(this.alias).getNextCaCert(await this.ca());
  }

  /** HTTP status of GetNextCACert, and whether GetCACaps has its keyword. */
  async announced(): Promise<[status: number, keyword: boolean]> {
    const { status } = await fetch(`${this.scene.url(this.alias)}?operation=GetNextCACert`);
    return [status, (await this.scene.client(this.alias).getCaCaps()).has('GetNextCACert')];
  }

  /** A message of a device, enveloped to what `ca` says; its answer must be signed by that, too. */
  message(ca: CaCertificates, subject: string, changes: Partial<Enrolment> = {}): Promise<EnrolmentMessage> {
    const common = { messageType: 'PKCSReq', key: DEVICE_KEY, challengePassword: 'secret' } as const;
    const algorithms = { digest: 'sha256', cipher: 'aes128' } as const;
    return this.scene
      .client(this.alias)
      .encode({ ...common, ...algorithms, subject: DistinguishedName.parse(subject), ...changes }, ca);
  }

  /** Sends a message and reads the answer strictly. */
  send(message: EnrolmentMessage): Promise<EnrolmentReply> {
    return this.scene.send(message, this.alias);
  }

  /** Enrols by challenge. */
  async enrol(ca: CaCertificates, username: string, changes: Partial<Enrolment> = {}): Promise<EnrolmentReply> {
    return this.send(await this.message(ca, `CN=${username}`, changes));
  }

  /** A RenewalReq for another key, signed with the certificate that is renewed. */
  async renew(ca: CaCertificates, signer: Enrolled, changes: Partial<Enrolment> = {}): Promise<EnrolmentReply> {
    return this.send(await this.renewal(ca, signer, changes));
  }

  /** The message of {@link renew}. */
  renewal(ca: CaCertificates, signer: Enrolled, changes: Partial<Enrolment> = {}): Promise<EnrolmentMessage> {
    const { username, certificate, key } = signer;
    return this.message(ca, `CN=${username}`, {
      messageType: 'RenewalReq',
      key: NEW_KEY,
      challengePassword: undefined,
      signer: { certificate, key },
      ...changes,
    });
  }
}
