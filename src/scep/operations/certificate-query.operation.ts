import { Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import { generationsOf, type Authority, type FormerGeneration } from '../../authorities/authority';
import { CrlCatalogue } from '../../authorities/crl-catalogue';
import { IssuedCertificateReader } from '../../certificates/issued-certificate.reader';
import { ServiceError } from '../../common/service-error';
import { identifies, readCertificateIdentifier } from '../../pki/cms/certificate-identifier';
import { readDerOrBer } from '../../pki/cms/content-info';
import { DerError } from '../../pki/der/der-error';
import { DerReader } from '../../pki/der/der-reader';
import { DistinguishedName } from '../../pki/x509/distinguished-name';
import { certificateUnknown, isUnproven, type OpenedEnvelope } from '../message/pkcs-pki-envelope.opener';
import { AliasAuthorities } from './alias-authorities';
import type { AnsweredOutcome } from './outcome';
import type { RequestJournal } from './request-journal';

/** Who asks, and how to open what is asked. */
export interface CertificateQuery {
  readonly alias: Alias;
  readonly messageType: 'GetCert' | 'GetCRL';
  readonly journal: RequestJournal;
  /** Opens the envelope. */
  readonly open: () => Promise<OpenedEnvelope>;
}

type IssuerAndSerial = Extract<ReturnType<typeof readCertificateIdentifier>, { readonly type: 'issuerAndSerial' }>;

/** Anyone can ask, and each answer is encrypted anew. Larger ones are fetched over HTTP. */
const MAX_CRL_OCTETS = 1 << 20;

// A name of some thirty parts.
const MAX_BER_ELEMENTS = 200;
/** RFC 5280 allows 20 octets and a sign; old clients make 32 of their own. */
const MAX_SERIAL_OCTETS = 33;

/**
 * GetCert and GetCRL (RFC 8894 sections 3.3.4, 4.5, 4.6). Whoever can sign may ask (row J-06); what is answered is public.
 * There is no proof that the signer of the message also made what is in its envelope. So whatever is no SUCCESS is one
 * answer (`certificateUnknown`), and SUCCESS takes content that is exactly an IssuerAndSerialNumber with the name of an
 * authority of the alias: whoever could make that of recorded content would have to know it already.
 */
@Injectable()
export class CertificateQueryOperation {
  constructor(
    private readonly authorities: AliasAuthorities,
    private readonly certificates: IssuedCertificateReader,
    private readonly crls: CrlCatalogue,
  ) {}

  /** @throws ServiceError `certificate-unknown` for all that is not found, not readable or cannot be opened */
  async perform(query: CertificateQuery): Promise<AnsweredOutcome> {
    const identifier = readIdentifier((await openOrUnknown(query)).content);
    query.journal.certificateAsked(identifier.serialNumber);
    const authorities = await this.authorities.all(query.alias);
    return query.messageType === 'GetCert'
      ? this.certificate(query, identifier, authorities)
      : this.crl(identifier, authorities);
  }

  private async certificate(
    { journal }: CertificateQuery,
    identifier: IssuerAndSerial,
    authorities: readonly Authority[],
  ): Promise<AnsweredOutcome> {
    const issuer = nameOf(identifier);
    const ids = authorities.filter((authority) => generationsNamed(authority, issuer).length > 0).map(({ id }) => id);
    if (ids.length === 0) throw certificateUnknown('query.issuer', 'the issuer is no authority of this alias');
    const found = await this.certificates.find(ids, withoutLeadingZeros(identifier.serialNumber));
    if (found === undefined) throw certificateUnknown('query.certificate', 'no such certificate has been issued');
    journal.usernameFound(found.username);
    return { kind: 'answered', certificates: [found.certificate], crls: [] };
  }

  private async crl(identifier: IssuerAndSerial, authorities: readonly Authority[]): Promise<AnsweredOutcome> {
    const generation = await this.issuerOf(identifier, authorities);
    if (generation === undefined) throw certificateUnknown('query.issuer', 'the issuer is no authority of this alias');
    const crl = (await this.crls.get()).byGenerationId(generation.id);
    if (crl === undefined) throw certificateUnknown('query.crl', 'the authority has not issued a CRL yet');
    if (crl.der.length > MAX_CRL_OCTETS)
      throw certificateUnknown('query.crl-size', 'the CRL is too large for SCEP; devices must fetch it over HTTP');
    return { kind: 'answered', certificates: [], crls: [crl.der] };
  }

  /**
   * The generation that the CRL is asked of. RFC 8894 section 4.6 names the certificate to be checked; older drafts, and
   * clients of their time, the CA's own. Where several generations have one name, it is the one that issued the certificate:
   * the CRL of another would pass a revoked certificate off as good. The current one comes first where none did.
   */
  private async issuerOf(
    identifier: IssuerAndSerial,
    authorities: readonly Authority[],
  ): Promise<FormerGeneration | undefined> {
    const all = authorities.flatMap(generationsOf);
    const itself = all.find(({ certificate }) => identifies(identifier, certificate));
    if (itself !== undefined) return itself;
    const issuer = nameOf(identifier);
    const named = authorities.filter((authority) => generationsNamed(authority, issuer).length > 0);
    const [first, ...others] = named.flatMap((authority) => generationsNamed(authority, issuer));
    if (others.length === 0) return first;
    const ids = named.map(({ id }) => id);
    const issued = await this.certificates.find(ids, withoutLeadingZeros(identifier.serialNumber));
    return others.find(({ id }) => id === issued?.generationId) ?? first;
  }
}

async function openOrUnknown({ open }: CertificateQuery): Promise<OpenedEnvelope> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof ServiceError) || !isUnproven(error)) throw error;
    throw certificateUnknown(error.rule ?? 'message.envelope', error.explanation);
  }
}

function readIdentifier(content: Buffer): IssuerAndSerial {
  try {
    const identifier = readDerOrBer(content, readWhole, MAX_BER_ELEMENTS);
    if (identifier.type === 'issuerAndSerial' && identifier.serialNumber.length <= MAX_SERIAL_OCTETS) return identifier;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  throw certificateUnknown('message.envelope', 'the content is no IssuerAndSerialNumber');
}

function readWhole(der: Buffer): ReturnType<typeof readCertificateIdentifier> {
  const reader = new DerReader(der);
  const identifier = readCertificateIdentifier(reader, 'IssuerAndSerialNumber');
  reader.finish('IssuerAndSerialNumber');
  return identifier;
}

const generationsNamed = (authority: Authority, name: DistinguishedName): FormerGeneration[] =>
  generationsOf(authority).filter(({ certificate }) => certificate.subject.equals(name));

function nameOf({ issuer }: IssuerAndSerial): DistinguishedName {
  try {
    return DistinguishedName.read(issuer);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw certificateUnknown('message.envelope', 'the name of the issuer cannot be read');
  }
}

function withoutLeadingZeros(content: Buffer): Buffer {
  let start = 0;
  while (start < content.length - 1 && content[start] === 0) start++;
  return content.subarray(start);
}
