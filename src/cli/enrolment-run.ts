import { setTimeout as delay } from 'node:timers/promises';

import {
  type Enrolment,
  type EnrolmentMessage,
  type EnrolmentReply,
  readEnrolmentReply,
} from '../client/enrolment-message';
import { untilDecided } from '../client/patience';
import type { ScepClient } from '../client/scep-client';
import { ServiceError } from '../common/service-error';
import type { PrivateKey } from '../pki/cms/private-key';
import { DerError } from '../pki/der/der-error';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { type Extension, subjectAltName } from '../pki/x509/extension';
import type { GeneralName } from '../pki/x509/general-name';
import { pem } from '../pki/x509/pem';
import { CommandError } from './command-error';
import type { EnrollOptions } from './enroll-options';
import { caCertificatesOf, certificationRequestOf, privateKeyOf } from './enrolment-parts';
import { ExitCode } from './exit-code';
import { writeOutput } from './file-output';
import { givenSecret } from './secret-input';
import { readSubjectAltNames } from './subject-alt-name';
import { printable, remark, writeJson, writeLines, type Terminal } from './terminal';

/** Does what `scep-gateway enroll` is asked for. Throws {@link CommandError} and what the client throws. */
export async function enroll(options: EnrollOptions, client: ScepClient, terminal: Terminal): Promise<void> {
  const say = (line: string): void => {
    if (options.verbose === true || options.debug === true) remark(terminal, line);
  };
  const content = await readContent(options, terminal);
  const capabilities = await client.getCaCaps();
  say(`capabilities: ${capabilities.keywords.map(printable).join(' ')}`);
  const ca = await caCertificatesOf(client, { file: options.caCert, fingerprint: options.fingerprint }, terminal);
  say(`CA: ${ca.issuer.subject.toString()}, encrypting to ${ca.recipient.subject.toString()}`);
  const enrolment: Enrolment = {
    ...content,
    messageType: 'PKCSReq',
    digest: options.signature ?? capabilities.digest,
    cipher: options.encryption ?? capabilities.cipher,
  };
  const method = capabilities.post && options.get !== true ? 'POST' : 'GET';
  const exchange = async (message: EnrolmentMessage, name: string): Promise<EnrolmentReply> => {
    say(`${name} by ${method}, ${enrolment.digest}, ${enrolment.cipher}, transactionID ${message.transactionID}`);
    if (options.debug === true) remark(terminal, pem('PKCS7', message.bytes));
    const bytes = await client.send(message.bytes, method);
    if (options.debug === true) remark(terminal, pem('PKCS7', bytes));
    return readReply(bytes, message);
  };
  const poll = async (): Promise<EnrolmentReply> => exchange(await client.encodePoll(enrolment, ca), 'CertPoll');
  const message = await (options.resume === true ? client.encodePoll(enrolment, ca) : client.encode(enrolment, ca));
  const first = await exchange(message, options.resume === true ? 'CertPoll' : 'PKCSReq');
  const { pollTime = 0, pollInterval } = options;
  const patience = { intervalMs: pollInterval * 1000, totalMs: pollTime * 1000 };
  const wait = (milliseconds: number): Promise<void> => {
    say(`the CA has not decided yet: it is asked again in ${milliseconds / 1000} seconds`);
    return delay(milliseconds);
  };
  const reply = await untilDecided(first, patience, poll, wait);
  await report(reply, message.transactionID, options, terminal);
}

async function readReply(bytes: Buffer, message: EnrolmentMessage): Promise<EnrolmentReply> {
  try {
    return await readEnrolmentReply(bytes, message);
  } catch (cause) {
    if (!(cause instanceof DerError) && !(cause instanceof ServiceError)) throw cause;
    const reason = cause instanceof ServiceError ? cause.publicDetail : cause.message;
    throw new CommandError(ExitCode.noAnswer, `the answer cannot be used: ${printable(reason)}`, { cause });
  }
}

/** What is asked for, of an {@link Enrolment}. */
type Content = Pick<Enrolment, 'key' | 'subject' | 'challengePassword' | 'extensions' | 'request'>;

/** Everything is read before anything is sent. */
async function readContent(options: EnrollOptions, terminal: Terminal): Promise<Content> {
  if ((options.request === undefined) === (options.subject === undefined))
    throw new CommandError(ExitCode.usage, 'give either --subject, for a request made here, or --request');
  const source = {
    noun: 'challengePassword',
    option: 'challenge',
    value: options.challenge,
    file: options.challengeFile,
  };
  const challengePassword = await givenSecret(source, terminal);
  if (options.request === undefined) {
    const subject = readName(options.subject ?? '');
    const extensions = readExtensions(options.san);
    const key = await privateKeyOf(options, terminal);
    checkAnswerable(key, challengePassword);
    return { key, subject, challengePassword, extensions };
  }
  if (challengePassword !== undefined || options.san !== undefined)
    throw new CommandError(ExitCode.usage, '--challenge and --san are for a request made here, not for --request');
  const request = await certificationRequestOf(options.request, terminal);
  const key = await privateKeyOf(options, terminal);
  if (!key.publicKey.equals(request.publicKey))
    throw new CommandError(ExitCode.usage, `${options.request} is not for the key of ${options.privateKey}`);
  checkAnswerable(key, request.challengePassword);
  return { key, subject: request.subject, request };
}

/** RFC 8894 section 3.1: an EC key cannot decrypt, so the answer is encrypted with the challengePassword. */
function checkAnswerable(key: PrivateKey, challengePassword: string | undefined): void {
  if (key.publicKey.type === 'rsa' || challengePassword !== undefined) return;
  throw new CommandError(
    ExitCode.usage,
    'an EC key cannot decrypt the answer, which is encrypted with the challengePassword: there has to be one',
  );
}

function readName(text: string): DistinguishedName {
  try {
    return DistinguishedName.parse(text);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CommandError(ExitCode.usage, `--subject cannot be read: ${cause.message}`, { cause });
  }
}

function readExtensions(names: readonly string[] | undefined): readonly Extension[] | undefined {
  if (names === undefined) return undefined;
  try {
    return [subjectAltName(readSubjectAltNames(names) as GeneralName[], false)];
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CommandError(ExitCode.usage, `--san cannot be read: ${cause.message}`, { cause });
  }
}

async function report(
  reply: EnrolmentReply,
  transactionID: string,
  options: EnrollOptions,
  terminal: Terminal,
): Promise<void> {
  const { localCert, json } = options;
  if (reply.pkiStatus !== 'SUCCESS') {
    if (json) writeJson(terminal, { ...reply, transactionID });
    throw refusal(reply, transactionID);
  }
  const { certificate } = reply;
  const text = pem('CERTIFICATE', certificate.der);
  if (localCert !== undefined) await writeOutput(localCert, text);
  if (json) {
    const { serialHex: serialNumber, notBefore, notAfter } = certificate;
    const subject = certificate.subject.toString();
    writeJson(terminal, {
      pkiStatus: reply.pkiStatus,
      transactionID,
      subject,
      serialNumber,
      notBefore,
      notAfter,
      certificate: text,
    });
    return;
  }
  const end = certificate.notAfter.toISOString().slice(0, 10);
  const sentence = `certificate for ${printable(certificate.subject.toString())}, valid until ${end}`;
  if (localCert === undefined) {
    remark(terminal, sentence);
    terminal.output.write(text);
  } else writeLines(terminal, [`${sentence}: ${localCert}`]);
}

function refusal(reply: Exclude<EnrolmentReply, { pkiStatus: 'SUCCESS' }>, transactionID: string): CommandError {
  const hint =
    '  if it is a scep-gateway, its administrator finds the reason by\n' +
    `  scep-gateway request list --transaction-id ${transactionID}`;
  if (reply.pkiStatus === 'PENDING')
    return new CommandError(
      ExitCode.pending,
      'the CA has not decided yet: run the same command again later, with --resume',
    );
  const { failInfo, failInfoText } = reply;
  const reason = failInfoText === undefined ? failInfo : `${failInfo}: ${printable(failInfoText)}`;
  return new CommandError(ExitCode.refused, `the CA refused (${reason})\n${hint}`);
}
