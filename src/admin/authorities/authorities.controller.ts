import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { AuthorityRecord } from '../../authorities/authority.repository';
import { AuthorityService } from '../../authorities/authority.service';
import { CrlIssuer } from '../../authorities/crl-issuer';
import { pem } from '../../pki/x509/pem';
import { Actor } from '../actor.decorator';
import { createdAt } from '../created';
import { Documented, pageOf } from '../openapi/documented';
import { PageQuery, Pager, textPart, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { authorityRequest } from './authority-request';
import { ChangeAuthorityBody, ImportCertificateBody, NewAuthorityBody, RenameAuthorityBody } from './authority.body';
import {
  AUTHORITY_ANSWER,
  AUTHORITY_REQUEST_ANSWER,
  authorityView,
  CRLS_ANSWER,
  crlsView,
  type AuthorityRequestView,
  type AuthorityView,
  type CrlsView,
} from './authority.presenter';

const PAGER = new Pager<AuthorityRecord, { name: string }>({ name: textPart }, ({ authority: { name } }) => ({ name }));

/** The authorities. */
@Controller('api/v1/authorities')
export class AuthoritiesController {
  constructor(
    private readonly authorities: AuthorityService,
    private readonly crls: CrlIssuer,
  ) {}

  @Get()
  @Documented({ summary: 'Lists authorities by name', status: 200, answer: pageOf(AUTHORITY_ANSWER) })
  list(@Query() query: PageQuery): Promise<Page<AuthorityView>> {
    return PAGER.page(query, (limit, after) => this.authorities.list(limit, after?.name), authorityView);
  }

  @Post()
  @Documented({
    summary: 'Makes an authority (a root unless it names an issuer), or imports one from PKCS #12',
    status: 201,
    answer: AUTHORITY_ANSWER,
  })
  async create(
    @Actor() actor: string,
    @Body() body: NewAuthorityBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AuthorityView> {
    const { kind, request } = authorityRequest(body);
    const record =
      kind === 'import' ? await this.authorities.import(actor, request) : await this.authorities.create(actor, request);
    await this.crls.issueDue();
    createdAt(response, 'authorities', body.name);
    return authorityView(record);
  }

  @Get(':name')
  @Documented({ summary: 'Shows an authority with its certificates', status: 200, answer: AUTHORITY_ANSWER })
  async get(@Param('name', PathNamePipe) name: string): Promise<AuthorityView> {
    return authorityView(await this.authorities.get(name));
  }

  @Patch(':name')
  @Documented({
    summary: 'Changes description and settings (JSON merge patch); null brings the default of a setting back',
    status: 200,
    answer: AUTHORITY_ANSWER,
  })
  async change(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: ChangeAuthorityBody,
  ): Promise<AuthorityView> {
    return authorityView(await this.authorities.change(actor, name, body));
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({ summary: 'Removes an authority that nothing refers to, with its keys', status: 204 })
  remove(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<void> {
    return this.authorities.delete(actor, name);
  }

  @Post(':name/rename')
  @HttpCode(200)
  @Documented({ summary: 'Renames an authority; its certificates stay', status: 200, answer: AUTHORITY_ANSWER })
  async rename(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: RenameAuthorityBody,
  ): Promise<AuthorityView> {
    return authorityView(await this.authorities.rename(actor, name, body.name));
  }

  @Get(':name/request')
  @Documented({
    summary: 'Shows the CSR of an authority that waits for an external root',
    status: 200,
    answer: AUTHORITY_REQUEST_ANSWER,
  })
  async request(@Param('name', PathNamePipe) name: string): Promise<AuthorityRequestView> {
    return { pem: pem('CERTIFICATE REQUEST', await this.authorities.request(name)) };
  }

  @Post(':name/certificate')
  @HttpCode(200)
  @Documented({
    summary: "Takes the external root's answer, with which the authority begins to issue or has its next generation",
    status: 200,
    answer: AUTHORITY_ANSWER,
  })
  async importCertificate(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: ImportCertificateBody,
  ): Promise<AuthorityView> {
    const record = await this.authorities.importCertificate(actor, name, body.certificates);
    await this.crls.issueDue();
    return authorityView(record);
  }

  @Post(':name/crl')
  @HttpCode(200)
  @Documented({ summary: 'Issues a CRL now, one for each generation', status: 200, answer: CRLS_ANSWER })
  async crl(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<CrlsView> {
    return crlsView(await this.crls.issue(name, actor));
  }
}
