import type { CaCertificates } from '../../src/client/ca-certificates';
import type { Enrolment, EnrolmentReply } from '../../src/client/enrolment-message';
import { readEnrolmentReply } from '../../src/client/enrolment-message';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { DEVICE_KEY, type EnrolmentScene } from './enrolment-scene';
import { itemsOf, type JsonObject, type RestAnswer, RestClient } from './rest-client';

let users = 0;

/** A user name that no test has used. */
export const newUsername = (): string => `applicant-${++users}`;

/** What the server answers: with FAILURE the failInfo, else the pkiStatus. */
export const statusOf = (reply: EnrolmentReply): string =>
  reply.pkiStatus === 'FAILURE' ? reply.failInfo : reply.pkiStatus;

/** An officer, and what devices do meanwhile. */
export class ApprovalDesk {
  readonly rest: RestClient;

  constructor(private readonly scene: EnrolmentScene) {
    this.rest = new RestClient(scene.gateway);
  }

  /** The approvals of an end entity, newest first. */
  async of(username: string): Promise<JsonObject[]> {
    return itemsOf(await this.rest.get(`approvals?username=${username}`));
  }

  /** The newest approval of an end entity. */
  async newest(username: string): Promise<JsonObject> {
    const [first] = await this.of(username);
    if (first === undefined) throw new Error(`${username} has no approval`);
    return first;
  }

  /** Approves the newest request of an end entity. */
  async approve(username: string): Promise<RestAnswer> {
    return this.rest.post(`approvals/${(await this.newest(username))['id'] as string}/approve`);
  }

  /** Rejects the newest request of an end entity. */
  async reject(username: string, body: object = { reason: 'unknown device' }): Promise<RestAnswer> {
    return this.rest.post(`approvals/${(await this.newest(username))['id'] as string}/reject`, body);
  }

  /** A CertPoll for an enrolment of this subject; `changes` beyond a common one. */
  async poll(
    subject: string,
    changes: Partial<Enrolment> = {},
    alias?: string,
    ca?: CaCertificates,
  ): Promise<EnrolmentReply> {
    const client = this.scene.client(alias);
    this.scene.clock.advance({ milliseconds: 1 });
    const message = await client.encodePoll(enrolmentOf(subject, changes), ca ?? (await this.scene.ca(alias)));
    return readEnrolmentReply(await client.send(message.bytes, 'POST'), message);
  }
}

/** A PKCSReq of `DEVICE_KEY`, as far as a poll needs to know it. */
export const enrolmentOf = (subject: string, changes: Partial<Enrolment> = {}): Enrolment => ({
  messageType: 'PKCSReq',
  subject: DistinguishedName.parse(subject),
  key: DEVICE_KEY,
  digest: 'sha256',
  cipher: 'aes128',
  ...changes,
});
