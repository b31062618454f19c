import { Inject, Injectable } from '@nestjs/common';

import type { Alias } from '../aliases/alias';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { ApprovalRepository } from '../approvals/approval.repository';
import type { ApprovalEntity } from '../approvals/approval.entity';
import { alreadyDecided } from '../approvals/approval.service';
import { standingOf } from '../approvals/approval-state';
import type { Authority, Generation } from '../authorities/authority';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import { ConfigurationVersion } from '../database/configuration-version';
import { isEnrolling, statusName, EndEntityStatus } from '../end-entities/end-entity-status';
import { Certificate } from '../pki/x509/certificate';
import { CertificationRequest } from '../pki/x509/certification-request';
import { otherAuthority, secondShadow } from './admission';
import { judgeRegistrationAgain, registrationAgain } from './registration-rules';
import {
  type EndEntityFacts,
  EnrolmentFactsReader,
  type LatestFacts,
  type RenewedFacts,
} from './enrolment-facts.reader';
import type { Renewal, RequestedIssue } from './enrolment-request';
import { Issuance } from './issuance';
import { judgeRenewal } from './renewal-rules';

/** How often an approval is judged anew when something it depends on has changed meanwhile. */
const MAX_ATTEMPTS = 5;

/** An officer's yes: issues at once what the device fetches with its next poll (docs/adr/0013). */
@Injectable()
export class ApprovalIssuer {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly facts: EnrolmentFactsReader,
    private readonly aliases: AliasCatalogue,
    private readonly authorities: AuthorityCatalogue,
    private readonly issuance: Issuance,
    private readonly configurationVersion: ConfigurationVersion,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Issues the certificate that a request waits for. Whatever stands in the way leaves the request waiting.
   *
   * @param actor name of the administrator
   * @throws ServiceError `not-found`; `conflict` where it waits no longer, or where the end entity, the alias or the renewed
   *   certificate has changed so that it cannot be granted; `request-refused` and `key-not-allowed` by the profiles;
   *   `authority-unavailable`; `outcome-unknown`
   */
  async approve(actor: string, id: string): Promise<ApprovalEntity> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const approval = await this.approvals.get(id);
      const { endEntity, renewed, latest } = await this.facts.readApproval(approval.endEntityId, renewsOf(approval));
      this.checkStanding(approval, endEntity);
      const request = await this.requestOf(approval, renewed);
      const rejection =
        request.renewal === undefined
          ? enrolmentProblem(approval, request, endEntity, latest)
          : // The officer has decided in the challenge's place, or the challenge was right when the request came.
            judgeRenewal(
              request,
              request.renewal,
              { renewed, endEntity },
              await this.issuance.filledInTypes(request, endEntity),
            )?.error;
      if (rejection !== undefined) throw impossible(rejection.publicDetail, rejection);
      const grant = {
        endEntity,
        replaces: undefined,
        replacesApproval: undefined,
        renewal: request.renewal,
        renewedTemplate: request.renewal && (renewed?.template ?? null),
        judgedChallenge: false,
        sourceFailures: 0,
        registration: request.renewal === undefined ? registrationAgain(request.alias, endEntity, latest) : undefined,
      };
      const decision = { id, decidedBy: actor, reserved: approval.reserved };
      if (await this.issuance.issueApproved(request, grant, decision)) return this.approvals.get(id);
    }
    throw new ServiceError('overloaded', 'something about the end entity changes all the time, try again shortly');
  }

  private checkStanding(
    approval: ApprovalEntity,
    endEntity: EndEntityFacts | undefined,
  ): asserts endEntity is EndEntityFacts {
    const { state, expiresAt, endEntityEpoch } = approval;
    const presentEpoch = endEntity?.epoch ?? null;
    const standing = standingOf({ state, expiresAt, endEntityEpoch, presentEpoch }, this.clock.now());
    if (standing === 'waiting') return;
    if (standing !== 'void') throw alreadyDecided(approval);
    throw endEntity === undefined
      ? impossible('its end entity has been removed: reject it', { rule: 'approval.end-entity' })
      : impossible('its end entity was put back to NEW since, so that its device has to ask again: reject it', {
          rule: 'approval.end-entity-epoch',
        });
  }

  /** The request as if it came now. What depends on when it came is judged by when it did. */
  private async requestOf(approval: ApprovalEntity, renewed: RenewedFacts | undefined): Promise<RequestedIssue> {
    const alias = (await this.aliases.get()).byId(approval.aliasId ?? NaN);
    if (alias === undefined) throw impossible('its alias has been removed: reject it', { rule: 'approval.alias' });
    if (!alias.enabled) throw impossible(`alias ${alias.name} is disabled: enable it first`, { rule: 'alias.enabled' });
    const authority = await this.authorityOf(approval, alias);
    const certificationRequest = CertificationRequest.read(approval.certificationRequest);
    const generation = issuingGeneration(authority, approval);
    const renewal = await this.renewalOf(approval, alias, renewed, generation);
    return {
      id: approval.id,
      receivedAt: approval.createdAt,
      alias,
      configurationVersion: this.configurationVersion.observed,
      authority,
      generation,
      transactionID: approval.transactionID,
      messageType: approval.messageType,
      certificationRequest,
      renewal,
      source: approval.source,
    };
  }

  private async authorityOf({ authorityId, authority: name }: ApprovalEntity, alias: Alias): Promise<Authority> {
    const authority = (await this.authorities.get()).byId.get(authorityId ?? NaN);
    if (authority === undefined) throw impossible(`authority ${name} cannot issue now`, { rule: 'approval.authority' });
    if (!alias.authorityIds.includes(authority.id))
      throw impossible(`alias ${alias.name} does not reach authority ${authority.name} any more`, {
        rule: 'alias.authorities',
      });
    return authority;
  }

  private async renewalOf(
    { renewedAuthorityId, generationId }: ApprovalEntity,
    alias: Alias,
    renewed: RenewedFacts | undefined,
    generation: Generation,
  ): Promise<Renewal | undefined> {
    if (renewedAuthorityId === null) return undefined;
    const issuer = (await this.authorities.get()).byId.get(renewedAuthorityId);
    if (!alias.renewal.enabled)
      throw impossible(`alias ${alias.name} renews no certificates any more`, { rule: 'renewal.enabled' });
    if (issuer === undefined || renewed === undefined)
      throw impossible('the certificate that is to be renewed, or its authority, is gone', {
        rule: 'renewal.certificate',
      });
    const certificate = Certificate.read(renewed.certificate);
    // By another generation than was asked, as after a rollover that was withdrawn, it is issued in the usual window only.
    return { certificate, issuer, enrolsOtherwise: false, cameInTime: generation.id === generationId };
  }
}

/** The next one where it was addressed and has not had its turn since; else the current one, whatever was addressed. */
const issuingGeneration = (
  { generations: { current, next } }: Authority,
  { generationId }: ApprovalEntity,
): Generation => (next?.id === generationId ? next : current);

const renewsOf = ({ renewedAuthorityId, renewedSerialNumber }: ApprovalEntity) =>
  renewedAuthorityId === null || renewedSerialNumber === null
    ? undefined
    : { authorityId: renewedAuthorityId, serialNumber: renewedSerialNumber };

/** Why an end entity cannot be given what was asked for any more; undefined where it can. */
function enrolmentProblem(
  { reserved }: ApprovalEntity,
  request: RequestedIssue,
  endEntity: EndEntityFacts,
  latest: LatestFacts | undefined,
): ServiceError | undefined {
  const { username, status, remainingRequests } = endEntity;
  if (!isEnrolling(status) && !(reserved && status === EndEntityStatus.GENERATED))
    return problem('end-entity.status', `end entity ${username} is in status ${statusName(status)}`);
  if (!reserved && remainingRequests < 1)
    return problem('end-entity.allowed-requests', `end entity ${username} has used all its allowed requests`);
  const other =
    registrationAgain(request.alias, endEntity, latest) === undefined
      ? otherAuthority(request, endEntity)
      : judgeRegistrationAgain(request, endEntity, latest);
  return (other ?? secondShadow(request, endEntity))?.error;
}

const problem = (rule: string, detail: string): ServiceError => new ServiceError('conflict', detail, { rule });

/** The error for a request that cannot be approved as things are. */
const impossible = (
  reason: string,
  { rule, explanation }: { readonly rule?: string | undefined; readonly explanation?: string | undefined },
): ServiceError =>
  new ServiceError('conflict', `the request cannot be approved: ${reason}`, {
    ...(rule === undefined ? {} : { rule }),
    ...(explanation === undefined ? {} : { explanation }),
  });
