import { readDerOrBer } from '../pki/cms/content-info';
import { readCertsOnly } from '../pki/cms/degenerate';
import { DerError } from '../pki/der/der-error';
import { Certificate } from '../pki/x509/certificate';
import { readSignedMessage, type SignedMessage } from '../scep/message/signed-message';
import { type CaCertificates, sortCaCertificates } from './ca-certificates';
import { ScepClientError } from './scep-client-error';

/**
 * Reads the body of a GetNextCACert answer (RFC 8894 section 4.7.1): the CA certificates to come, signed by the present CA
 * or its RA. A server that leaves the content out, as EJBCA does, has them in the certificates field.
 *
 * @param present what GetCACert gave
 * @throws ScepClientError when it is something else, or signed by somebody else
 */
export function readNextCaCertificates(body: Buffer, present: CaCertificates): CaCertificates {
  const trusted = [...present.signers, present.issuer];
  try {
    const message = readDerOrBer(body, (der) => readSignedMessage(der, {}, trusted));
    const [defect] = message.defects;
    if (defect !== undefined) throw new ScepClientError(`what GetNextCACert answered is refused: ${defect.detail}`);
    if (!trusted.some(({ der }) => der.equals(message.signer.der)))
      throw new ScepClientError('what GetNextCACert answered is not signed by the present CA');
    return sortCaCertificates(certificatesIn(message));
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new ScepClientError('what GetNextCACert answered holds no signed certificates', { cause });
  }
}

function certificatesIn({ signedData, certificates, signer }: SignedMessage): readonly Certificate[] {
  const { content } = signedData;
  return content === undefined || content.length === 0
    ? certificates.filter((certificate) => certificate !== signer)
    : readCertsOnly(content).certificates.map((der) => Certificate.read(der));
}
