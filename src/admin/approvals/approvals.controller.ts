import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApprovalRepository, noSuchApproval, type ApprovalPosition } from '../../approvals/approval.repository';
import type { ApprovalEntity } from '../../approvals/approval.entity';
import { ApprovalService } from '../../approvals/approval.service';
import { CLOCK, type Clock } from '../../common/clock';
import { ApprovalIssuer } from '../../enrolment/approval-issuer';
import { Actor } from '../actor.decorator';
import { Documented, pageOf } from '../openapi/documented';
import { Pager, timePart, uuidPart, type Page } from '../pagination';
import { ApprovalsQuery, RejectApprovalBody } from './approval.body';
import { APPROVAL_ANSWER, approvalView, type ApprovalView } from './approval.presenter';

const PAGER = new Pager<ApprovalEntity, ApprovalPosition>(
  { createdAt: timePart, id: uuidPart },
  ({ createdAt, id }) => ({ createdAt, id }),
);

/** What waits for an officer. */
@Controller('api/v1/approvals')
export class ApprovalsController {
  constructor(
    private readonly approvals: ApprovalRepository,
    private readonly service: ApprovalService,
    private readonly issuer: ApprovalIssuer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Documented({
    summary: 'Lists requests that wait for approval or waited, the newest first',
    status: 200,
    answer: pageOf(APPROVAL_ANSWER),
  })
  list(@Query() query: ApprovalsQuery): Promise<Page<ApprovalView>> {
    const { state, alias, username, transactionID } = query;
    const now = this.clock.now();
    const filter = { state, alias, username, transactionID, now };
    return PAGER.page(
      query,
      (limit, after) => this.approvals.list(filter, limit, after),
      (row) => approvalView(row, now),
    );
  }

  @Get(':id')
  @Documented({ summary: 'Shows a request that waits for approval or waited', status: 200, answer: APPROVAL_ANSWER })
  async get(@Param('id') id: string): Promise<ApprovalView> {
    return approvalView(await this.approvals.get(uuid(id)), this.clock.now());
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Documented({
    summary: 'Approves a request: issues the certificate, which the device fetches with its next poll',
    status: 200,
    answer: APPROVAL_ANSWER,
  })
  async approve(@Actor() actor: string, @Param('id') id: string): Promise<ApprovalView> {
    return approvalView(await this.issuer.approve(actor, uuid(id)), this.clock.now());
  }

  @Post(':id/reject')
  @HttpCode(200)
  @Documented({ summary: 'Rejects a request', status: 200, answer: APPROVAL_ANSWER })
  async reject(
    @Actor() actor: string,
    @Param('id') id: string,
    @Body() { reason, tellDevice = false }: RejectApprovalBody,
  ): Promise<ApprovalView> {
    return approvalView(await this.service.reject(actor, uuid(id), { reason, tellDevice }), this.clock.now());
  }
}

/** Any other text is no approval's id, and PostgreSQL would refuse it. */
function uuid(text: string): string {
  const id = uuidPart.read(text.toLowerCase());
  if (id === undefined) throw noSuchApproval();
  return id;
}
