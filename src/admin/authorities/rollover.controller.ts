import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { CrlIssuer } from '../../authorities/crl-issuer';
import { RolloverService } from '../../authorities/rollover.service';
import { Actor } from '../actor.decorator';
import { Documented } from '../openapi/documented';
import { PathNamePipe } from '../path-name.pipe';
import { AUTHORITY_ANSWER, authorityView, type AuthorityView } from './authority.presenter';
import { RolloverBody } from './rollover.body';
import { rolloverRequest } from './rollover-request';

/** The rollover of an authority to its next generation. */
@Controller('api/v1/authorities')
export class RolloverController {
  constructor(
    private readonly rollovers: RolloverService,
    private readonly crls: CrlIssuer,
  ) {}

  @Post(':name/rollover')
  @Documented({
    summary: 'Makes the next generation, or a CSR for it where a CA elsewhere certifies this authority',
    status: 201,
    answer: AUTHORITY_ANSWER,
  })
  async plan(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: RolloverBody,
  ): Promise<AuthorityView> {
    const record = await this.rollovers.plan(actor, name, rolloverRequest(body));
    await this.crls.issueDue();
    return authorityView(record);
  }

  @Delete(':name/rollover')
  @HttpCode(200)
  @Documented({
    summary: 'Withdraws the next generation; what it has issued is kept, to be revoked',
    status: 200,
    answer: AUTHORITY_ANSWER,
  })
  async withdraw(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<AuthorityView> {
    return authorityView(await this.rollovers.withdraw(actor, name));
  }

  @Post(':name/rollover/activate')
  @HttpCode(200)
  @Documented({
    summary: 'Makes the next generation the current one; the present one opens late messages for the overlap',
    status: 200,
    answer: AUTHORITY_ANSWER,
  })
  async activate(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<AuthorityView> {
    const record = await this.rollovers.activate(actor, name);
    await this.crls.issueDue();
    return authorityView(record);
  }
}
