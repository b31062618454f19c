import { buildCertificate } from '../../src/pki/x509/certificate-builder';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';
import { extensions, subjectAltName } from '../../src/pki/x509/extension';
import { pem } from '../../src/pki/x509/pem';
import { TestSigningKey } from './test-signing-key';

/** A TLS server's key and self-signed certificate for `localhost`, in PEM. */
export async function serverCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const key = TestSigningKey.ec();
  const name = DistinguishedName.parse('CN=localhost');
  const certificate = await buildCertificate({
    serialNumber: Buffer.from([1]),
    issuer: name,
    subject: name,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-01-01T00:00:00Z'),
    spki: key.publicKey.spki,
    extensions: extensions([subjectAltName([{ type: 'dns', value: 'localhost' }], false)]),
    signer: key,
    digest: 'sha256',
  });
  return {
    key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', certificate),
  };
}
