import { ServiceError } from '../common/service-error';
import { readCertsOnly } from '../pki/cms/degenerate';
import { DerError } from '../pki/der/der-error';
import { Certificate } from '../pki/x509/certificate';
import { readPem } from '../pki/x509/pem';

const MAX_CERTIFICATES = 20;
const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);
const PKCS7_LABELS: ReadonlySet<string> = new Set(['PKCS7', 'PKCS #7 SIGNED DATA', 'CMS']);

/**
 * The certificates in what another CA answered with: PEM text (certificates, PKCS #7, or both), or base64 of one DER
 * certificate or of a PKCS #7 bundle in DER or BER. Throws {@link ServiceError} (`invalid-input`) naming `field`.
 *
 * @param text what the administrator handed in
 * @param field its name in the request
 */
export function readCertificateBundle(text: string, field: string): Certificate[] {
  try {
    const certificates = text.includes('-----BEGIN ') ? readPemBundle(text) : readBinary(fromBase64(text));
    if (certificates.length === 0) throw new DerError('no certificate');
    if (certificates.length > MAX_CERTIFICATES) throw new DerError(`more than ${MAX_CERTIFICATES} certificates`);
    return certificates;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new ServiceError('invalid-input', 'the certificates cannot be read', {
      cause,
      fields: [
        {
          field,
          message: `must be PEM certificates, PEM PKCS #7, or base64 of a DER certificate or PKCS #7 bundle (${cause.message})`,
        },
      ],
    });
  }
}

function readPemBundle(text: string): Certificate[] {
  return readPem(text).flatMap(({ label, der }) => {
    if (CERTIFICATE_LABELS.has(label)) return [Certificate.read(der)];
    return PKCS7_LABELS.has(label) ? readBinary(der) : [];
  });
}

function readBinary(bytes: Buffer): Certificate[] {
  try {
    return [Certificate.read(bytes)];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return readCertsOnly(bytes).certificates.map((der) => Certificate.read(der));
}

function fromBase64(text: string): Buffer {
  const compact = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw new DerError('neither PEM nor base64');
  return Buffer.from(compact, 'base64');
}
