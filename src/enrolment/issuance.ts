import { Inject, Injectable } from '@nestjs/common';

import type { AuditEntry } from '../audit/audit-log';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import { AuthorityInformation } from '../authorities/authority-information';
import { CrlDistributionPoints } from '../authorities/crl-distribution-points';
import { type CertificateTemplate, signCertificate } from '../authorities/issue-certificate';
import { newSerialNumber } from '../authorities/serial-number';
import { CLOCK, type Clock } from '../common/clock';
import { RANDOM_SOURCE, type RandomSource } from '../common/random-source';
import { getDeviceProfile } from '../device-profiles/device-profile-catalogue';
import { notification } from '../notifications/outbox-statement';
import type { Certificate } from '../pki/x509/certificate';
import type { CertificateProfile } from '../profiles/certificate-profile';
import { filledInTypes } from '../profiles/end-entity-content';
import { ProfileCatalogue } from '../profiles/profile-catalogue';
import { type Approval, ApprovedIssuingWriter } from './approved-issuing.writer';
import type { ChallengeContent } from '../challenges/challenge';
import { refuseAuthorityLikeness } from './authority-likeness';
import { certificateTemplate } from './certificate-template';
import { profileOfContent } from './challenge-content';
import type { EndEntityFacts } from './enrolment-facts.reader';
import { type EnrolmentRequest, type Renewal, type RequestedIssue, shadowStart } from './enrolment-request';
import { refuseUnallowed } from './registration-rules';
import { registeredNames, type Registration } from './registration';
import { chooseProfile, refuseOtherProfile } from './template-choice';
import { HeldRequests } from './held-certificate';
import { IssuingWriter } from './issuing.writer';

/** To whom a certificate is issued, and what it takes the place of. */
export interface Grant {
  readonly endEntity: EndEntityFacts;
  /** Serial number of the answer in the ledger that is no longer current. */
  readonly replaces: Buffer | undefined;
  /** Id of the approval in the ledger's entry that is no longer current. */
  readonly replacesApproval: string | undefined;
  /** Undefined for an enrolment. */
  readonly renewal: Renewal | undefined;
  /** The template of the certificate that is renewed, null for none. Undefined for an enrolment. */
  readonly renewedTemplate: string | null | undefined;
  /** Whether it is granted because a challengePassword has just been found right. */
  readonly judgedChallenge: boolean;
  /** Id of the one-time challenge that it uses up. */
  readonly usesOneTime?: string | undefined;
  /** What the judge of the challenge puts in. */
  readonly content?: ChallengeContent | undefined;
  /** How many wrong challenges of the request's source had been counted against its alias by then. */
  readonly sourceFailures: number;
  /** Set where the end entity is registered along with its certificate. */
  readonly registration: Registration | undefined;
}

/** What a certificate will say, and by which profile. */
export interface Draft {
  readonly template: Omit<CertificateTemplate, 'serialNumber'>;
  readonly profile: CertificateProfile;
  /** The certificate template that has chosen the profile; undefined where it is the end entity's own. */
  readonly chosenBy: string | undefined;
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
    private readonly authorities: AuthorityCatalogue,
    private readonly issuing: IssuingWriter,
    private readonly approvedIssuing: ApprovedIssuingWriter,
    private readonly held: HeldRequests,
    private readonly crls: CrlDistributionPoints,
    private readonly information: AuthorityInformation,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  /**
   * Types of attributes (dotted) that the end entity's profile fills in where this subject is asked for: a renewal need not
   * name them.
   */
  async filledInTypes(
    { certificationRequest }: RequestedIssue,
    endEntity: EndEntityFacts | undefined,
  ): Promise<string[]> {
    if (endEntity === undefined) return [];
    const profile = (await this.profiles.get()).endEntityProfile(endEntity.endEntityProfileId);
    return profile === undefined ? [] : filledInTypes(profile, certificationRequest.subject);
  }

  /**
   * Applies the profiles.
   * @throws ServiceError `request-refused`, `key-not-allowed` or `malformed-message`, naming the rule
   */
  async draft(request: RequestedIssue, grant: Grant): Promise<Draft> {
    const { endEntity, renewal, renewedTemplate, registration, content } = grant;
    const profiles = await this.profiles.get();
    const { alias, certificationRequest } = request;
    const owner = registration ?? endEntity;
    const endEntityProfile = profiles.endEntityProfileById(owner.endEntityProfileId);
    const putIn =
      content?.certificateProfile && profileOfContent(profiles, endEntityProfile, content.certificateProfile);
    const choice = putIn
      ? { certificateProfileId: putIn.id, template: undefined }
      : chooseProfile({ alias, request: certificationRequest, endEntity: owner, renewedTemplate });
    const profile = profiles.certificateProfileById(choice.certificateProfileId);
    if (choice.template !== undefined) refuseOtherProfile(endEntityProfile, profile, choice.template);
    if (registration !== undefined) refuseUnallowed(endEntityProfile, profile, request.authority);
    const begin = shadowStart(request);
    const now = this.clock.now();
    const template = certificateTemplate({
      // In RA mode nobody has registered anything else than was once asked for.
      subjectSource: alias.operationalMode === 'RA' ? 'request' : alias.subjectSource,
      request: request.certificationRequest,
      registered: endEntity,
      renewed: renewal?.certificate,
      certificateProfile: profile,
      endEntityProfile,
      content,
      deviceProfile: getDeviceProfile(alias.deviceProfile),
      now: begin !== undefined && begin > now ? begin : now,
    });
    const { byId } = await this.authorities.get();
    refuseAuthorityLikeness(byId.values(), template.subject, request.certificationRequest.publicKey);
    const crls = this.crls.extensions(request.authority, request.generation, profile.crlDistributionPoints);
    const information = this.information.extensions(request.authority, request.generation, profile);
    const extensions = [...template.extensions, ...crls, ...information];
    const validity = begin === undefined ? {} : { notBefore: begin };
    return { template: { ...template, ...validity, extensions }, profile, chosenBy: choice.template };
  }

  /**
   * Signs the certificate that an officer has approved and writes it, in one with the officer's word.
   * @returns false: what the decision was based on has changed, and nothing was written
   * @throws ServiceError what {@link draft} throws, and `outcome-unknown`
   */
  async issueApproved(request: RequestedIssue, grant: Grant, approval: Approval): Promise<boolean> {
    const { endEntity, renewal, registration } = grant;
    const draft = await this.draft(request, grant);
    const serialNumber = newSerialNumber(this.random);
    const certificate = await signCertificate(request.generation, { ...draft.template, serialNumber });
    const issued = issueEvent(request, grant, certificate, draft);
    const decided: AuditEntry = {
      actor: approval.decidedBy,
      action: 'approval.approve',
      target: `approvals/${approval.id}`,
      details: { endEntity: endEntity.username, alias: request.alias.name, certificate: issued.target },
    };
    return this.approvedIssuing.write({
      request,
      endEntity,
      renews: renewal && renewedBy(renewal),
      registration,
      certificate,
      names: registeredNames(draft.template),
      certificateProfile: draft.profile.name,
      template: draft.chosenBy,
      serialNumber,
      notification: issueNotification(request, grant),
      now: this.clock.now(),
      approval,
      audit: [decided, issued].map((entry) => ({ id: this.random.uuid(), entry })),
    });
  }

  /** Signs the certificate and begins to write it. Throws what {@link draft} throws. */
  async issue(request: EnrolmentRequest, ledgerKey: Buffer, grant: Grant): Promise<SignedIssue> {
    const draft = await this.draft(request, grant);
    const serialNumber = newSerialNumber(this.random);
    const certificate = await signCertificate(request.generation, { ...draft.template, serialNumber });
    return { certificate, written: this.write(request, ledgerKey, grant, certificate, draft, serialNumber) };
  }

  private write(
    request: EnrolmentRequest,
    ledgerKey: Buffer,
    grant: Grant,
    certificate: Certificate,
    draft: Draft,
    serialNumber: Buffer,
  ): Promise<boolean> {
    const { endEntity, replaces, replacesApproval, renewal, judgedChallenge, sourceFailures, registration } = grant;
    const { usesOneTime } = grant;
    const now = this.clock.now();
    const record = request.journal.issued({ username: endEntity.username, serialNumber }, false);
    const audit = issueEvent(request, grant, certificate, draft);
    return this.issuing.write({
      request,
      endEntity,
      ledgerKey,
      replaces,
      replacesApproval,
      judgedChallenge,
      usesOneTime,
      sourceFailures,
      registration: registration && registeredBy(registration, grant, draft),
      renews: renewal && renewedBy(renewal),
      certificate,
      names: registeredNames(draft.template),
      certificateProfile: draft.profile.name,
      template: draft.chosenBy,
      serialNumber,
      held: this.held.sealed(request, serialNumber),
      notification: issueNotification(request, grant),
      now,
      record,
      audit: { id: this.random.uuid(), entry: audit },
    });
  }
}

const renewedBy = ({ issuer, certificate }: Renewal): { authorityId: number; serialNumber: Buffer } => ({
  authorityId: issuer.id,
  serialNumber: Buffer.from(certificate.serialHex, 'hex'),
});

/** An end entity is registered for the profile that was put in, so that renewals stay with it. */
const registeredBy = (registration: Registration, { content }: Grant, { profile }: Draft): Registration =>
  content?.certificateProfile === undefined ? registration : { ...registration, certificateProfileId: profile.id };

function issueNotification({ alias, transactionID, id, source }: RequestedIssue, { renewal }: Grant): string | null {
  return notification(alias.notifications, 'issued', () => ({
    transactionID,
    requestId: id,
    source,
    renewal: renewal !== undefined,
  }));
}

function issueEvent(
  request: RequestedIssue,
  { endEntity, renewal }: Grant,
  certificate: Certificate,
  { profile, chosenBy }: Draft,
): AuditEntry {
  return {
    actor: 'gateway',
    action: renewal === undefined ? 'certificate.issue' : 'certificate.renew',
    target: `certificates/${request.authority.name}/${certificate.serialHex}`,
    details: {
      endEntity: endEntity.username,
      alias: request.alias.name,
      certificateProfile: profile.name,
      ...(chosenBy !== undefined && { template: chosenBy }),
      transactionID: request.transactionID,
      request: request.id,
      ...(renewal && { renews: `certificates/${renewal.issuer.name}/${renewal.certificate.serialHex}` }),
    },
  };
}
