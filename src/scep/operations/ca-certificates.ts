import type { Alias } from '../../aliases/alias';
import type { Generation } from '../../authorities/authority';
import { certsOnly } from '../../pki/cms/degenerate';
import type { Certificate } from '../../pki/x509/certificate';
import { ContentType, type ScepReply } from './scep-reply';

/**
 * The authority's certificates in the order of the alias: issuer first or root first, the root left out if the alias
 * says so (never the issuing certificate itself, which can be a root).
 */
export function caChain(alias: Alias, generation: Generation): Certificate[] {
  const chain = issuerFirst(alias, generation);
  return alias.caCertificateResponse.order === 'rootFirst' ? chain.reverse() : chain;
}

/** As {@link caChain}, the issuing certificate first whatever the alias says. */
export function issuerFirst(alias: Alias, generation: Generation): Certificate[] {
  const { includeRoot } = alias.caCertificateResponse;
  return [generation.certificate, ...generation.chain.filter(({ isSelfIssued }) => includeRoot || !isSelfIssued)];
}

/** What an alias shows of a generation: RA certificates first, then the chain, or the one certificate it is set to show. */
export function caCertificates(alias: Alias, generation: Generation): readonly Certificate[] {
  const { chain, singleCertificate } = alias.caCertificateResponse;
  if (singleCertificate) return [generation.certificate];
  const authorities = chain ? caChain(alias, generation) : [generation.certificate];
  return [...generation.raCertificates, ...authorities];
}

/**
 * GetCACert (rows C-01 to C-05, I-28, I-34): the bare certificate where the authority stands alone, else a certs-only
 * SignedData, RA certificates first, then the chain.
 * @param chainPosition which certificate of the chain is asked for where they are to be had one by one only (row I-09)
 */
export function getCaCert(alias: Alias, generation: Generation, chainPosition = 0): ScepReply {
  const certificates = caCertificates(alias, generation).map((certificate) => certificate.der);
  // RFC 8894 section 4.2.1.1
  if (certificates.length === 1)
    return {
      contentType: ContentType.caCert,
      body: (issuerFirst(alias, generation)[chainPosition] ?? generation.certificate).der,
    };
  // RFC 8894 section 4.2.1.2
  return { contentType: ContentType.caRaCert, body: certsOnly(certificates) };
}

/** GetCACertChain of draft-nourse-scep-06 section 5.6 (rows N-24, I-36): the chain without RA certificates. */
export function getCaCertChain(alias: Alias, generation: Generation): ScepReply {
  const certificates = caChain(alias, generation).map((certificate) => certificate.der);
  return { contentType: ContentType.caCertChain, body: certsOnly(certificates) };
}
