import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { CertificateFinder, type CertificatePosition } from '../../certificates/certificate-finder';
import type { CertificateRecord } from '../../certificates/certificate-record';
import { parseSerialNumber } from '../../certificates/serial-number';
import { invalidInput } from '../../common/checked-input';
import { CLOCK, type Clock } from '../../common/clock';
import { ServiceError } from '../../common/service-error';
import { CertificateRevocation } from '../../end-entities/certificate-revocation';
import { Actor } from '../actor.decorator';
import { Documented, pageOf } from '../openapi/documented';
import { bytesPart, integerPart, Pager, timePart, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { CertificatesQuery, RevocationBody } from './certificate.body';
import {
  CERTIFICATE_ANSWER,
  CERTIFICATE_SUMMARY_ANSWER,
  certificateSummary,
  certificateView,
  type CertificateSummary,
  type CertificateView,
} from './certificate.presenter';

const PAGER = new Pager<CertificateRecord, CertificatePosition>(
  { issuedAt: timePart, authorityId: integerPart, serialNumber: bytesPart },
  ({ issuedAt, authorityId, serialNumber }) => ({ issuedAt, authorityId, serialNumber }),
);

/** The issued certificates. */
@Controller('api/v1/certificates')
export class CertificatesController {
  constructor(
    private readonly certificates: CertificateFinder,
    private readonly revocation: CertificateRevocation,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Documented({
    summary: 'Lists certificates, the newest first',
    status: 200,
    answer: pageOf(CERTIFICATE_SUMMARY_ANSWER),
  })
  list(@Query() query: CertificatesQuery): Promise<Page<CertificateSummary>> {
    const { username, authority, alias, serialNumber: hex } = query;
    const serialNumber = hex === undefined ? undefined : parseSerialNumber(hex);
    if (hex !== undefined && serialNumber === undefined)
      throw invalidInput([{ field: 'serialNumber', message: 'must be hexadecimal digits' }]);
    const filter = { username, authority, alias, serialNumber };
    const now = this.clock.now();
    return PAGER.page(
      query,
      (limit, after) => this.certificates.list(filter, limit, after),
      (record) => certificateSummary(record, now),
    );
  }

  @Get(':authority/:serialNumber')
  @Documented({ summary: 'Shows a certificate', status: 200, answer: CERTIFICATE_ANSWER })
  async get(
    @Param('authority', PathNamePipe) authority: string,
    @Param('serialNumber') serialNumber: string,
  ): Promise<CertificateView> {
    const record = await this.certificates.get(authority, serialNumberOfPath(serialNumber));
    return certificateView(record, this.clock.now());
  }

  @Post(':authority/:serialNumber/revoke')
  @HttpCode(200)
  @Documented({
    summary: 'Revokes a certificate, puts it on hold (certificateHold) or takes it off again (removeFromCRL)',
    status: 200,
    answer: CERTIFICATE_ANSWER,
  })
  async revoke(
    @Actor() actor: string,
    @Param('authority', PathNamePipe) authority: string,
    @Param('serialNumber') serialNumber: string,
    @Body() { reason }: RevocationBody,
  ): Promise<CertificateView> {
    const record = await this.revocation.revoke(actor, authority, serialNumberOfPath(serialNumber), reason);
    return certificateView(record, this.clock.now());
  }
}

function serialNumberOfPath(text: string): Buffer {
  const serialNumber = parseSerialNumber(text);
  if (serialNumber === undefined) throw new ServiceError('not-found', 'the path names no serial number');
  return serialNumber;
}
