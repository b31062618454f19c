import { encodeEnrolment, encodePoll, type EnrolmentMessage, type Identity } from '../src/client/enrolment-message';
import { readEnrolmentReply } from '../src/client/enrolment-message';
import { SystemRandomSource } from '../src/common/random-source';
import { issuerAndSerialOf } from '../src/pki/cms/certificate-identifier';
import { PKCS1_KEY_TRANSPORT } from '../src/pki/cms/key-transport';
import { encodePkiMessage } from '../src/scep/message/pki-message.encoder';
import { BENCH_NAME, type BenchTarget, getCaCert, SCEP_PATH } from './bench-target';
import { type FleetMember, generateIdentities, planFleet } from './client-fleet';
import { encodeFleet } from './fleet-encoder';
import { requestBytes } from './http-connection';
import { type LoadResult, runLoad } from './load';
import { type CpuFigures, cpuPer, Observer } from './observer';
import type { BenchOptions } from './options';
import { complaintAbout } from './reply-judge';

/** RSA private key operations that a message takes: to open it, to sign what it asks for, to sign the answer. */
const PRIVATE_OPERATIONS = { PKCSReq: 3, CertPoll: 1, RenewalReq: 3, GetCert: 2 } as const;

/** A kind of message that is measured. */
export type MessageName = keyof typeof PRIVATE_OPERATIONS;

/** What one kind of message gave. */
export interface MessageFigures {
  readonly name: MessageName;
  /** RSA private key operations for each. */
  readonly privateOperations: number;
  readonly load: LoadResult;
  /** For each, in ms; undefined where it cannot be read. */
  readonly cpuMs: CpuFigures | undefined;
  /** PostgreSQL transactions for each; undefined where the database is not the gateway's own. */
  readonly databaseTransactions: number | undefined;
}

/** A message of a fleet's member, and what its answer has to name. */
type Message = Pick<EnrolmentMessage, 'bytes' | 'transactionID'>;

/**
 * Measures messages one kind after the other with the same devices: each enrols, asks once more for the answer, renews its
 * certificate for another key, and asks for the first one.
 *
 * @param say told what is going on
 */
export async function measureMessages(
  target: BenchTarget,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<MessageFigures[]> {
  const identities = await generateIdentities(options.keys);
  const fleet = planFleet(options.warmup + options.requests, identities.length);
  say(`registering ${fleet.length} end entities`);
  await target.api.register(
    fleet.map(({ username, enrolmentCode }) => ({ username, enrolmentCode, authority: BENCH_NAME })),
  );
  const ca = await getCaCert(target.url);
  say(`encoding ${fleet.length} requests`);
  const enrolments = await encodeFleet(fleet, identities, ca);
  const measurement = await Measurement.begin(target, options, say);
  try {
    const enrolled = await measurement.run('PKCSReq', enrolments);
    say('encoding polls');
    const polled = await measurement.run('CertPoll', await Promise.all(enrolments.map(encodePollFor)));
    say('reading the answers, encoding renewals and queries');
    const certified = await readAnswers(enrolments, enrolled.bodies);
    const renewals = await Promise.all(
      certified.map((identity, i) => encodeRenewal(identity, identities, fleet[i] as FleetMember)),
    );
    const renewed = await measurement.run('RenewalReq', renewals);
    const queries = await Promise.all(
      certified.map((identity, i) =>
        encodeQuery(identity, identities[i % identities.length] as Identity, `query-${i}`),
      ),
    );
    const queried = await measurement.run('GetCert', queries);
    return [enrolled.figures, polled.figures, renewed.figures, queried.figures];
  } finally {
    await measurement.end();
  }

  function encodeRenewal(signer: Identity, keys: readonly Identity[], member: FleetMember): Promise<Message> {
    const { key } = keys[(member.keyIndex + 1) % keys.length] as Identity;
    const { subject } = signer.certificate;
    const transactionID = `${member.username}-renewal`;
    return encodeEnrolment(
      { messageType: 'RenewalReq', subject, key, signer, transactionID, digest: 'sha256', cipher: 'aes128' },
      ca,
      new Date(),
      random,
    );
  }

  function encodePollFor({ signer, transactionID }: EnrolmentMessage): Promise<Message> {
    const { key, certificate } = signer;
    const { subject } = certificate;
    return encodePoll(
      { messageType: 'PKCSReq', subject, key, signer, transactionID, digest: 'sha256', cipher: 'aes128' },
      ca,
      new Date(),
      random,
    );
  }

  async function encodeQuery({ certificate }: Identity, signer: Identity, transactionID: string): Promise<Message> {
    const bytes = await encodePkiMessage(
      {
        messageType: 'GetCert',
        transactionID,
        senderNonce: random.bytes(16),
        signingTime: new Date(),
        content: issuerAndSerialOf(certificate),
        recipient: ca.recipient,
        signer,
        digest: 'sha256',
        cipher: 'aes128',
        keyTransport: PKCS1_KEY_TRANSPORT,
      },
      random,
    );
    return { bytes, transactionID };
  }
}

const random = new SystemRandomSource();

/** The certificates that a fleet got, each with its key. Reading an answer is one more check of it. */
function readAnswers(
  messages: readonly EnrolmentMessage[],
  bodies: readonly (Buffer | undefined)[],
): Promise<Identity[]> {
  return Promise.all(
    messages.map(async (message, i) => {
      const reply = await readEnrolmentReply(bodies[i] ?? Buffer.alloc(0), message);
      if (reply.pkiStatus !== 'SUCCESS') throw new Error(`${message.transactionID}: ${reply.pkiStatus}`);
      return { certificate: reply.certificate, key: message.signer.key };
    }),
  );
}

/** Sends messages and reads what it cost. */
class Measurement {
  private constructor(
    private readonly observer: Observer,
    private readonly target: BenchTarget,
    private readonly options: BenchOptions,
    private readonly say: (text: string) => void,
  ) {}

  static async begin(target: BenchTarget, options: BenchOptions, say: (text: string) => void): Promise<Measurement> {
    return new Measurement(await Observer.create(target), target, options, say);
  }

  end(): Promise<void> {
    return this.observer.close();
  }

  /** Sends all, the first ones unmeasured. `bodies` has an answer for each message that got one. */
  async run(
    name: MessageName,
    messages: readonly Message[],
  ): Promise<{ readonly figures: MessageFigures; readonly bodies: readonly (Buffer | undefined)[] }> {
    const { warmup } = this.options;
    this.say(`${name}: ${messages.length}`);
    const bodies: (Buffer | undefined)[] = [];
    await this.observer.beginCounting();
    const warming = await this.send(messages.slice(0, warmup), bodies, 0);
    // A device that got nothing has nothing to renew.
    if (warming.failures.size > 0) throw new Error(`${name}: ${[...warming.failures.keys()].join(', ')}`);
    this.observer.begin();
    const load = await this.send(messages.slice(warmup), bodies, warmup);
    const { cpuMs } = this.observer.end();
    const count = Math.max(1, load.succeeded);
    const figures = {
      name,
      privateOperations: PRIVATE_OPERATIONS[name],
      load,
      cpuMs: cpuMs && cpuPer(cpuMs, count),
      databaseTransactions: await this.observer.transactionsPer(warming.succeeded + count),
    };
    return { figures, bodies };
  }

  private send(messages: readonly Message[], bodies: (Buffer | undefined)[], offset: number): Promise<LoadResult> {
    const { url } = this.target;
    const endpoint = { host: url.hostname, port: Number(url.port || 80) };
    const { load: shape, seconds, newConnections } = this.options;
    return runLoad({
      endpoint,
      shape,
      seconds,
      reuse: !newConnections,
      size: messages.length,
      requests: (index) => [
        requestBytes('POST', `${SCEP_PATH}?operation=PKIOperation`, endpoint, (messages[index] as Message).bytes),
      ],
      complaint: (index, reply) => {
        bodies[offset + index] = reply.body;
        return complaintAbout(reply, (messages[index] as Message).transactionID);
      },
    });
  }
}
