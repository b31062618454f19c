import { Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import type { Authority } from '../../authorities/authority';
import type { UnsettledOutcome } from '../../enrolment/enrolment-request';
import { PollService } from '../../enrolment/poll.service';
import type { ReplyProtection } from '../message/cert-rep.encoder';
import type { ClosedEnvelope, EnvelopeRecipient } from '../message/pkcs-pki-envelope.opener';
import type { PkiMessage } from '../message/pki-message.decoder';
import { replyProtection } from './reply-protection';
import type { Arrival, RequestJournal } from './request-journal';

/** A CertPoll, and what its envelope says in clear. */
export interface CertPoll {
  readonly alias: Alias;
  readonly message: PkiMessage;
  readonly inspected: ClosedEnvelope<EnvelopeRecipient & { readonly authority: Authority }>;
  /** Is told who will be able to read a SUCCESS. */
  readonly protect: (protection: ReplyProtection) => void;
  readonly arrival: Arrival;
  readonly journal: RequestJournal;
}

/**
 * CertPoll, the drafts' GetCertInitial (RFC 8894 sections 3.3.3 and 4.4). Which request is meant is told by its transactionID
 * and the key that signs, for that is all that is proved. The IssuerAndSubject in the envelope is anybody's, since nothing
 * in it is signed by itself: to judge it would add nothing (row P-03), and to answer by it would tell strangers what
 * recorded envelopes hold. So the envelope stays closed, and only what it says in clear is looked at: algorithms and
 * recipient. A client may have another certificate for its key by now (sscep makes one at each start).
 */
@Injectable()
export class CertPollOperation {
  constructor(private readonly polls: PollService) {}

  /** @throws ServiceError what {@link PollService.poll} and {@link replyProtection} throw */
  perform({ alias, message, inspected, protect, arrival, journal }: CertPoll): Promise<UnsettledOutcome> {
    const { signer, transactionID } = message;
    return this.polls.poll({
      receivedAt: arrival.receivedAt,
      alias,
      transactionID,
      signerKey: signer.publicKey,
      authority: inspected.recipient?.authority,
      protect: (challengePassword) => {
        protect(replyProtection({ alias, signer, opened: inspected, challengePassword }));
      },
      journal,
    });
  }
}
