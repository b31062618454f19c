import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CaCertificates } from '../src/client/ca-certificates';
import type { EnrolmentMessage, Identity } from '../src/client/enrolment-message';
import type { FleetMember } from './client-fleet';

/** What one thread encodes. */
export interface EncodingOrder {
  readonly members: readonly FleetMember[];
  readonly identities: readonly { readonly pkcs8: Uint8Array; readonly certificate: Uint8Array }[];
  /** DER of the certificates that GetCACert gave. */
  readonly caCertificates: readonly Uint8Array[];
}

/** One encoded request, as it comes from a thread. */
export interface EncodedRequest {
  readonly bytes: Uint8Array;
  readonly senderNonce: Uint8Array;
}

/** Encodes the requests of a fleet on all cores: two signatures each take their time. In the order of the members. */
export async function encodeFleet(
  members: readonly FleetMember[],
  identities: readonly Identity[],
  ca: CaCertificates,
): Promise<EnrolmentMessage[]> {
  const share = Math.ceil(members.length / availableParallelism());
  const shares = Array.from({ length: availableParallelism() }, (_, i) => members.slice(i * share, (i + 1) * share));
  const encoded = await Promise.all(shares.map((part) => encodeShare(part, identities, ca)));
  return encoded.flat();
}

async function encodeShare(
  members: readonly FleetMember[],
  identities: readonly Identity[],
  ca: CaCertificates,
): Promise<EnrolmentMessage[]> {
  const order: EncodingOrder = {
    members,
    identities: identities.map(({ key, certificate }) => ({ pkcs8: key.toPkcs8(), certificate: certificate.der })),
    caCertificates: ca.certificates.map(({ der }) => der),
  };
  const worker = new Worker(join(__dirname, 'fleet-encoder.worker.js'), { workerData: order });
  const [requests] = (await once(worker, 'message')) as [readonly EncodedRequest[]];
  return requests.map(({ bytes, senderNonce }, i) => {
    const { username, keyIndex } = members[i] as FleetMember;
    const signer = identities[keyIndex] as Identity;
    return {
      bytes: Buffer.from(bytes),
      senderNonce: Buffer.from(senderNonce),
      transactionID: username,
      publicKey: signer.key.publicKey,
      signer,
      ca,
    };
  });
}
