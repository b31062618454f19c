import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { AliasInput } from '../../aliases/alias.input';
import { AliasRegistry, type StoredAlias } from '../../aliases/alias.registry';
import { type FailedSource, SourceLockouts } from '../../aliases/source-lockouts';
import { Actor } from '../actor.decorator';
import { createdAt } from '../created';
import { Documented, pageOf } from '../openapi/documented';
import { PageQuery, Pager, textPart, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { NewAliasBody, RenameAliasBody, UnlockAliasBody } from './alias.body';
import { FAILED_SOURCE_ANSWER, ALIAS_ANSWER, aliasView, type AliasView } from './alias.presenter';

const FAILED_SOURCES = new Pager<FailedSource, { source: string }>({ source: textPart }, ({ source }) => ({ source }));

const PAGER = new Pager<StoredAlias, { name: string }>({ name: textPart }, ({ name }) => ({ name }));

/** The aliases. */
@Controller('api/v1/aliases')
export class AliasesController {
  constructor(
    private readonly aliases: AliasRegistry,
    private readonly lockouts: SourceLockouts,
  ) {}

  @Get()
  @Documented({ summary: 'Lists aliases by name', status: 200, answer: pageOf(ALIAS_ANSWER) })
  list(@Query() query: PageQuery): Promise<Page<AliasView>> {
    return PAGER.page(query, (limit, after) => this.aliases.list(limit, after?.name), aliasView);
  }

  @Post()
  @Documented({ summary: 'Adds an alias; only the name is needed', status: 201, answer: ALIAS_ANSWER })
  async create(
    @Actor() actor: string,
    @Body() { name, ...given }: NewAliasBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AliasView> {
    const alias = await this.aliases.create(actor, name, given);
    createdAt(response, 'aliases', name);
    return aliasView(alias);
  }

  @Get(':name')
  @Documented({ summary: 'Shows an alias with all its settings', status: 200, answer: ALIAS_ANSWER })
  async get(@Param('name', PathNamePipe) name: string): Promise<AliasView> {
    return aliasView(await this.aliases.get(name));
  }

  @Put(':name')
  @Documented({ summary: 'Gives an alias new settings in place of all it had', status: 200, answer: ALIAS_ANSWER })
  async replace(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() given: AliasInput,
  ): Promise<AliasView> {
    return aliasView(await this.aliases.replace(actor, name, given));
  }

  @Patch(':name')
  @Documented({
    summary: 'Changes the settings that are named (JSON merge patch); null brings a default back',
    status: 200,
    answer: ALIAS_ANSWER,
  })
  async patch(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() patch: AliasInput,
  ): Promise<AliasView> {
    return aliasView(await this.aliases.patch(actor, name, patch));
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({ summary: 'Removes an alias', status: 204 })
  remove(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<void> {
    return this.aliases.remove(actor, name);
  }

  @Post(':name/rename')
  @HttpCode(200)
  @Documented({ summary: 'Renames an alias, which changes its SCEP URL', status: 200, answer: ALIAS_ANSWER })
  async rename(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: RenameAliasBody,
  ): Promise<AliasView> {
    return aliasView(await this.aliases.rename(actor, name, body.name));
  }

  @Get(':name/failed-sources')
  @Documented({
    summary: 'Lists the sources of wrong challenges that count against the alias, by address',
    status: 200,
    answer: pageOf(FAILED_SOURCE_ANSWER),
  })
  failedSources(@Param('name', PathNamePipe) name: string, @Query() query: PageQuery): Promise<Page<FailedSource>> {
    return FAILED_SOURCES.page(
      query,
      (limit, after) => this.lockouts.list(name, limit, after?.source),
      (source) => source,
    );
  }

  @Post(':name/unlock')
  @HttpCode(204)
  @Documented({ summary: 'Forgets the wrong challenges of one source, or of all', status: 204 })
  unlock(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() { source }: UnlockAliasBody,
  ): Promise<void> {
    return this.lockouts.unlock(actor, name, source);
  }
}
