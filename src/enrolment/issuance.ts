import { Inject, Injectable } from '@nestjs/common';

import type { AuditEntry } from '../audit/audit-log';
import { CrlDistributionPoints } from '../authorities/crl-distribution-points';
import { type CertificateTemplate, signCertificate } from '../authorities/issue-certificate';
import { newSerialNumber } from '../authorities/serial-number';
import { CLOCK, type Clock } from '../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import type { Certificate } from '../pki/x509/certificate';
import type { CertificateProfile } from '../profiles/certificate-profile';
import { ProfileCatalogue } from '../profiles/profile-catalogue';
import { refuseAuthorityLikeness } from './authority-likeness';
import { certificateTemplate } from './certificate-template';
import type { EndEntityFacts } from './enrolment-facts.reader';
import type { EnrolmentRequest, Renewal } from './enrolment-request';
import { IssuingWriter } from './issuing.writer';

/** To whom a certificate is issued, and what it takes the place of. */
export interface Grant {
  readonly endEntity: EndEntityFacts;
  /** Serial number of the answer in the ledger that is no longer current. */
  readonly replaces: Buffer | undefined;
  /** Undefined for an enrolment. */
  readonly renewal: Renewal | undefined;
  /** Whether it is granted because a challengePassword has just been found right. */
  readonly judgedChallenge: boolean;
}

/** What a certificate will say, and by which profile. */
export interface Draft {
  readonly template: Omit<CertificateTemplate, 'serialNumber'>;
  readonly profile: CertificateProfile;
}

/** A certificate that is signed and not yet written down. */
export interface SignedIssue {
  readonly certificate: Certificate;
  /** False: what the decision was based on has changed, and nothing was written; as {@link IssuingWriter.write}. */
  readonly written: Promise<boolean>;
}

/** Steps 12 to 14 of the list in docs/architecture.md, for whoever decides that there is to be a certificate. */
@Injectable()
export class Issuance {
  constructor(
    private readonly profiles: ProfileCatalogue,
    private readonly issuing: IssuingWriter,
    private readonly crls: CrlDistributionPoints,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /**
   * Applies the profiles.
   * @throws ServiceError `request-refused`, `key-not-allowed` or `malformed-message`, naming the rule
   */
  async draft(request: EnrolmentRequest, { endEntity, renewal }: Grant): Promise<Draft> {
    const profiles = await this.profiles.get();
    const profile = profiles.certificateProfileById(endEntity.certificateProfileId);
    const template = certificateTemplate({
      subjectSource: request.alias.subjectSource,
      request: request.certificationRequest,
      registered: endEntity,
      renewed: renewal?.certificate,
      certificateProfile: profile,
      endEntityProfile: profiles.endEntityProfileById(endEntity.endEntityProfileId),
      now: this.clock.now(),
    });
    refuseAuthorityLikeness(request.authority, template.subject, request.certificationRequest.publicKey);
    const crls = this.crls.extensions(request.authority, request.generation, profile.crlDistributionPoints);
    return { template: { ...template, extensions: [...template.extensions, ...crls] }, profile };
  }

  /** Signs the certificate and begins to write it. Throws what {@link draft} throws. */
  async issue(request: EnrolmentRequest, ledgerKey: Buffer, grant: Grant): Promise<SignedIssue> {
    const { template, profile } = await this.draft(request, grant);
    const serialNumber = newSerialNumber(this.random);
    const certificate = await signCertificate(request.generation, { ...template, serialNumber });
    return { certificate, written: this.write(request, ledgerKey, grant, certificate, profile, serialNumber) };
  }

  private write(
    request: EnrolmentRequest,
    ledgerKey: Buffer,
    { endEntity, replaces, renewal, judgedChallenge }: Grant,
    certificate: Certificate,
    profile: CertificateProfile,
    serialNumber: Buffer,
  ): Promise<boolean> {
    const now = this.clock.now();
    const record = request.journal.issued({ username: endEntity.username, serialNumber }, false);
    const audit: AuditEntry = {
      actor: 'gateway',
      action: renewal === undefined ? 'certificate.issue' : 'certificate.renew',
      target: `certificates/${request.authority.name}/${certificate.serialHex}`,
      details: {
        endEntity: endEntity.username,
        alias: request.alias.name,
        certificateProfile: profile.name,
        transactionID: request.transactionID,
        request: request.id,
        ...(renewal && { renews: `certificates/${renewal.issuer.name}/${renewal.certificate.serialHex}` }),
      },
    };
    return this.issuing.write({
      request,
      endEntity,
      ledgerKey,
      replaces,
      judgedChallenge,
      renews: renewal && {
        authorityId: renewal.issuer.id,
        serialNumber: Buffer.from(renewal.certificate.serialHex, 'hex'),
      },
      certificate,
      certificateProfile: profile.name,
      serialNumber,
      now,
      record,
      audit: { id: this.random.uuid(), entry: audit },
    });
  }
}
