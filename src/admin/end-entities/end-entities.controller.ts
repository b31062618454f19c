import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { EndEntityDetails } from '../../end-entities/end-entity-details';
import { EndEntityStatus } from '../../end-entities/end-entity-status';
import { EndEntityPatchInput, EndEntityStatusInput, NewEndEntityInput } from '../../end-entities/end-entity.input';
import { EndEntityService } from '../../end-entities/end-entity.service';
import { Actor } from '../actor.decorator';
import { createdAt } from '../created';
import { Documented, pageOf } from '../openapi/documented';
import { bigintPart, Pager, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { EndEntitiesQuery, RenameEndEntityBody } from './end-entity.body';
import { END_ENTITY_ANSWER, endEntityView, type EndEntityView } from './end-entity.presenter';

const PAGER = new Pager<EndEntityDetails, { id: string }>({ id: bigintPart }, ({ id }) => ({ id }));

/** The end entities. */
@Controller('api/v1/end-entities')
export class EndEntitiesController {
  constructor(private readonly endEntities: EndEntityService) {}

  @Get()
  @Documented({
    summary: 'Lists end entities in the order of registration',
    status: 200,
    answer: pageOf(END_ENTITY_ANSWER),
  })
  list(@Query() query: EndEntitiesQuery): Promise<Page<EndEntityView>> {
    const { status, authority, username } = query;
    const filter = { authority, username, status: status === undefined ? undefined : EndEntityStatus[status] };
    return PAGER.page(query, (limit, after) => this.endEntities.list(filter, limit, after?.id), endEntityView);
  }

  @Post()
  @Documented({
    summary: 'Registers an end entity; only username and enrolmentCode are needed',
    status: 201,
    answer: END_ENTITY_ANSWER,
  })
  async create(
    @Actor() actor: string,
    @Body() input: NewEndEntityInput,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EndEntityView> {
    const details = await this.endEntities.create(actor, input);
    createdAt(response, 'end-entities', input.username);
    return endEntityView(details);
  }

  @Get(':username')
  @Documented({ summary: 'Shows an end entity', status: 200, answer: END_ENTITY_ANSWER })
  async get(@Param('username', PathNamePipe) username: string): Promise<EndEntityView> {
    return endEntityView(await this.endEntities.get(username));
  }

  @Patch(':username')
  @Documented({
    summary: 'Changes what is named (JSON merge patch); null brings a default back',
    status: 200,
    answer: END_ENTITY_ANSWER,
  })
  async patch(
    @Actor() actor: string,
    @Param('username', PathNamePipe) username: string,
    @Body() patch: EndEntityPatchInput,
  ): Promise<EndEntityView> {
    return endEntityView(await this.endEntities.patch(actor, username, patch));
  }

  @Delete(':username')
  @HttpCode(204)
  @Documented({ summary: 'Removes an end entity that has no valid certificate', status: 204 })
  remove(@Actor() actor: string, @Param('username', PathNamePipe) username: string): Promise<void> {
    return this.endEntities.remove(actor, username);
  }

  @Post(':username/rename')
  @HttpCode(200)
  @Documented({ summary: 'Gives an end entity another user name', status: 200, answer: END_ENTITY_ANSWER })
  async rename(
    @Actor() actor: string,
    @Param('username', PathNamePipe) username: string,
    @Body() body: RenameEndEntityBody,
  ): Promise<EndEntityView> {
    return endEntityView(await this.endEntities.rename(actor, username, body.username));
  }

  @Post(':username/status')
  @HttpCode(200)
  @Documented({ summary: 'Sets the status; NEW lets it enrol again', status: 200, answer: END_ENTITY_ANSWER })
  async setStatus(
    @Actor() actor: string,
    @Param('username', PathNamePipe) username: string,
    @Body() input: EndEntityStatusInput,
  ): Promise<EndEntityView> {
    return endEntityView(await this.endEntities.setStatus(actor, username, input));
  }

  @Post(':username/unlock')
  @HttpCode(200)
  @Documented({ summary: 'Ends all lockouts after failed attempts', status: 200, answer: END_ENTITY_ANSWER })
  async unlock(@Actor() actor: string, @Param('username', PathNamePipe) username: string): Promise<EndEntityView> {
    return endEntityView(await this.endEntities.unlock(actor, username));
  }
}
