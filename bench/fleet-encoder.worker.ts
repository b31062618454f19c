import { parentPort, workerData } from 'node:worker_threads';
import { sortCaCertificates } from '../src/client/ca-certificates';
import { PrivateKey } from '../src/pki/cms/private-key';
import { Certificate } from '../src/pki/x509/certificate';
import type { Identity } from '../src/client/enrolment-message';
import { encodeRequest } from './client-fleet';
import type { EncodedRequest, EncodingOrder } from './fleet-encoder';

async function encode(order: EncodingOrder): Promise<EncodedRequest[]> {
  const ca = sortCaCertificates(order.caCertificates.map((der) => Certificate.read(Buffer.from(der))));
  const identities = order.identities.map(({ pkcs8, certificate }) => ({
    key: PrivateKey.fromPkcs8(Buffer.from(pkcs8)),
    certificate: Certificate.read(Buffer.from(certificate)),
  }));
  const requests: EncodedRequest[] = [];
  for (const member of order.members) {
    const message = await encodeRequest(member, identities[member.keyIndex] as Identity, ca);
    // Copies: a slice of a pool would take the whole pool along.
    requests.push({ bytes: Uint8Array.from(message.bytes), senderNonce: Uint8Array.from(message.senderNonce) });
  }
  return requests;
}

void encode(workerData as EncodingOrder).then((requests) => parentPort?.postMessage(requests));
