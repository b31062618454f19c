import type { Alias } from '../../aliases/alias';
import type { Authority, NextGeneration } from '../../authorities/authority';
import { ServiceError } from '../../common/service-error';
import { certsOnly } from '../../pki/cms/degenerate';
import { encodeSignedData } from '../../pki/cms/signed-data.writer';
import type { DigestName } from '../../pki/x509/digest-name';
import { caCertificates } from './ca-certificates';
import { ContentType, type ScepReply } from './scep-reply';

/** There is no message whose digest could be mirrored: the best one that all devices of the alias are taken to know. */
const DIGESTS: readonly DigestName[] = ['sha256', 'sha512', 'sha384', 'sha1'];

/** By generation and alias: both are other objects after any change, and anyone may ask for the signature. */
const signed = new WeakMap<NextGeneration, WeakMap<Alias, Promise<ScepReply>>>();

/** The generation that an alias tells its devices of; undefined where there is none, or the alias keeps silent. */
export const announcedGeneration = (alias: Alias, { generations }: Authority): NextGeneration | undefined =>
  alias.rollover.enabled ? generations.next : undefined;

/**
 * GetNextCACert (RFC 8894 section 4.7, rows D-01 to D-07): what GetCACert will answer after the rollover, as the content of
 * SignedData that the present generation signs.
 *
 * The certificates stand in the content, where the RFC and sscep have them, and once more in the certificates field, where
 * jSCEP and EJBCA's clients look for them. There the signer's comes last: sscep takes it from nowhere else.
 *
 * @throws ServiceError `no-next-ca-certificate`
 */
export async function getNextCaCert(alias: Alias, authority: Authority): Promise<ScepReply> {
  const next = announcedGeneration(alias, authority);
  if (next === undefined) throw new ServiceError('no-next-ca-certificate', 'this authority has no next CA certificate');
  const byAlias = signed.get(next) ?? new WeakMap<Alias, Promise<ScepReply>>();
  signed.set(next, byAlias);
  const reply = byAlias.get(alias) ?? sign(alias, authority, next);
  byAlias.set(alias, reply);
  // A failure is not remembered: a key may only have been away.
  reply.catch(() => byAlias.delete(alias));
  return reply;
}

async function sign(alias: Alias, { generations }: Authority, next: NextGeneration): Promise<ScepReply> {
  const certificates = caCertificates(alias, next).map(({ der }) => der);
  const signer = generations.current.scepSigner;
  const { digests } = alias.algorithms.accept;
  const body = await encodeSignedData({
    content: certsOnly(certificates),
    attributes: [],
    signer,
    digest: DIGESTS.find((digest) => digests.includes(digest)) ?? 'sha256',
    certificates: [...certificates, signer.certificate.der],
  });
  return { contentType: ContentType.nextCaCert, body };
}
