import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { NewRaAccountInput, RaAccountInput, RenameRaAccountInput } from '../../ra-accounts/ra-account.input';
import { RaAccountService, type RaAccount, type RaAccountWithPassword } from '../../ra-accounts/ra-account.service';
import { Actor } from '../actor.decorator';
import { createdAt } from '../created';
import { Documented, pageOf } from '../openapi/documented';
import { PageQuery, Pager, textPart, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { RA_ACCOUNT_ANSWER, RA_ACCOUNT_WITH_PASSWORD_ANSWER } from './ra-account.presenter';

const PAGER = new Pager<RaAccount, { name: string }>({ name: textPart }, ({ name }) => ({ name }));

/** The accounts of those who fetch challenges for devices. */
@Controller('api/v1/ra-accounts')
export class RaAccountsController {
  constructor(private readonly accounts: RaAccountService) {}

  @Get()
  @Documented({ summary: 'Lists RA accounts by name', status: 200, answer: pageOf(RA_ACCOUNT_ANSWER) })
  list(@Query() query: PageQuery): Promise<Page<RaAccount>> {
    return PAGER.page(
      query,
      (limit, after) => this.accounts.list(limit, after?.name),
      (account) => account,
    );
  }

  @Post()
  @Documented({
    summary: 'Adds an RA account; the answer holds its password, which is shown this once',
    status: 201,
    answer: RA_ACCOUNT_WITH_PASSWORD_ANSWER,
  })
  async create(
    @Actor() actor: string,
    @Body() input: NewRaAccountInput,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RaAccountWithPassword> {
    const account = await this.accounts.create(actor, input);
    createdAt(response, 'ra-accounts', input.name);
    return account;
  }

  @Get(':name')
  @Documented({ summary: 'Shows an RA account', status: 200, answer: RA_ACCOUNT_ANSWER })
  get(@Param('name', PathNamePipe) name: string): Promise<RaAccount> {
    return this.accounts.get(name);
  }

  @Patch(':name')
  @Documented({
    summary: 'Changes what is named (JSON merge patch); null brings a default back',
    status: 200,
    answer: RA_ACCOUNT_ANSWER,
  })
  patch(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() patch: RaAccountInput,
  ): Promise<RaAccount> {
    return this.accounts.patch(actor, name, patch);
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({ summary: 'Removes an RA account', status: 204 })
  remove(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<void> {
    return this.accounts.remove(actor, name);
  }

  @Post(':name/rename')
  @HttpCode(200)
  @Documented({ summary: 'Gives an RA account another name', status: 200, answer: RA_ACCOUNT_ANSWER })
  rename(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: RenameRaAccountInput,
  ): Promise<RaAccount> {
    return this.accounts.rename(actor, name, body.name);
  }

  @Post(':name/password')
  @HttpCode(200)
  @Documented({
    summary: 'Gives an RA account a new password, which is shown this once; the one before opens nothing any more',
    status: 200,
    answer: RA_ACCOUNT_WITH_PASSWORD_ANSWER,
  })
  renewPassword(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<RaAccountWithPassword> {
    return this.accounts.renewPassword(actor, name);
  }
}
