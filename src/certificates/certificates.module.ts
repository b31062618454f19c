import { Module } from '@nestjs/common';
import { CertificateFinder } from './certificate-finder';
import { CertificateRevoker } from './certificate-revoker';
import { IssuedCertificateReader } from './issued-certificate.reader';

const PROVIDERS = [CertificateFinder, CertificateRevoker, IssuedCertificateReader];

/** Issued certificates. Needs the database's providers and CLOCK globally. */
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class CertificatesModule {}
