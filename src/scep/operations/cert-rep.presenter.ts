import { Inject, Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import type { Generation } from '../../authorities/authority';
import { CLOCK, type Clock } from '../../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../../common/random-source';
import { getDeviceProfile } from '../../device-profiles/device-profile-catalogue';
import type { DigestName } from '../../pki/x509/digest-name';
import { encodeCertRep, type CertRepStatus, type ReplyProtection } from '../message/cert-rep.encoder';
import type { ClosedEnvelope } from '../message/pkcs-pki-envelope.opener';
import type { PkiMessage } from '../message/pki-message.decoder';
import type { Outcome } from './outcome';
import { replyCipher } from './reply-protection';
import { scepAnswer } from './scep-answer';
import { ContentType, type ScepReply } from './scep-reply';

/** What the reply depends on besides the outcome. */
export interface ReplyContext {
  readonly alias: Alias;
  readonly message: PkiMessage;
  /** Whose key signs the reply. */
  readonly responder: Generation;
  /** What the message's envelope says in clear; undefined as long as that is not known. */
  readonly envelope: Pick<ClosedEnvelope, 'cipher'> | undefined;
  /** Who is to read a SUCCESS: there is none before that is known. */
  readonly protection: ReplyProtection | undefined;
}

/** RFC 8894 section 3.5.2 (row K-08). */
const FIXED_DIGEST: DigestName = 'sha256';

const NONCE_LENGTH = 16;
const MAX_NONCE_LENGTH = 64;

/** Turns an outcome into the bytes of a CertRep (RFC 8894 section 3.3.2). */
@Injectable()
export class CertRepPresenter {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /** The reply, signed by the certificate that GetCACert advertises for signing (row I-18). */
  async present(context: ReplyContext, outcome: Outcome): Promise<ScepReply> {
    const { alias, message, responder } = context;
    const { emptyContent, repeatsSenderNonce } = getDeviceProfile(alias.deviceProfile);
    const body = await encodeCertRep({
      request: message,
      status: statusOf(context, outcome),
      signer: responder.scepSigner,
      digest: replyDigest(alias, message),
      senderNonce: (repeatsSenderNonce ? message.senderNonce : undefined) ?? this.random.bytes(nonceLength(message)),
      signingTime: this.clock.now(),
      emptyContent,
      random: this.random,
    });
    return { contentType: ContentType.pkiMessage, body };
  }
}

function statusOf(context: ReplyContext, outcome: Outcome): CertRepStatus {
  if (outcome.kind === 'refused') {
    const answer = scepAnswer(outcome.error.code);
    if (!('failInfo' in answer)) throw outcome.error;
    return { pkiStatus: 'FAILURE', failInfo: answer.failInfo, failInfoText: outcome.error.publicDetail };
  }
  if (outcome.kind === 'pending') return { pkiStatus: 'PENDING' };
  const { alias, envelope, protection } = context;
  if (envelope === undefined || protection === undefined)
    throw new Error('SUCCESS for an envelope that was never looked at, or for nobody');
  return {
    pkiStatus: 'SUCCESS',
    ...(outcome.kind === 'issued'
      ? { certificates: [outcome.certificate, ...accompanyingCertificates(alias, outcome.issuer ?? context.responder)] }
      : { certificates: outcome.certificates, crls: outcome.crls }),
    protection,
    cipher: replyCipher(alias, envelope),
  };
}

/** The CA certificates that go with the issued one (row I-26): Juniper forbids any, Cisco's VPN client needs the issuer. */
function accompanyingCertificates(alias: Alias, generation: Generation): Buffer[] {
  switch (alias.includeCaCertificate) {
    case 'none':
      return [];
    case 'issuer':
      return [generation.certificate.der];
    case 'chain':
      return [generation.certificate, ...generation.chain].map((certificate) => certificate.der);
  }
}

/**
 * The digest of the request where the alias accepts it (row I-13). A refusal of a digest is not signed with it: an
 * authority that is told to keep off MD5 makes no MD5 signature over bytes that a stranger chose.
 */
function replyDigest(alias: Alias, message: PkiMessage): DigestName {
  const { accept, reply } = alias.algorithms;
  return reply === 'mirror' && accept.digests.includes(message.digest) ? message.digest : FIXED_DIGEST;
}

/** As long as the request's (row I-22: old IOS sends 8 bytes), 16 where there is none or a strange one. */
function nonceLength(message: PkiMessage): number {
  const length = message.senderNonce?.length ?? 0;
  return length >= 8 && length <= MAX_NONCE_LENGTH ? length : NONCE_LENGTH;
}
