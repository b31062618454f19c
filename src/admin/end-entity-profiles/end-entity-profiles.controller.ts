import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { END_ENTITY_PROFILE_DEFAULTS, type EndEntityProfileSettings } from '../../profiles/end-entity-profile';
import { EndEntityProfileInput } from '../../profiles/end-entity-profile.input';
import { EndEntityProfileRegistry } from '../../profiles/end-entity-profile.registry';
import type { StoredProfile } from '../../profiles/profile.registry';
import { Actor } from '../actor.decorator';
import { createdAt } from '../created';
import { Documented, pageOf } from '../openapi/documented';
import { PageQuery, Pager, textPart, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { profileAnswer, profileView, type ProfileView } from '../profile.presenter';
import { NewEndEntityProfileBody, RenameEndEntityProfileBody } from './end-entity-profile.body';

type Stored = StoredProfile<EndEntityProfileSettings>;
type View = ProfileView<EndEntityProfileSettings>;

const PAGER = new Pager<Stored, { name: string }>({ name: textPart }, ({ name }) => ({ name }));
const ANSWER = profileAnswer('EndEntityProfile', END_ENTITY_PROFILE_DEFAULTS);
const view = (profile: Stored): View => profileView(END_ENTITY_PROFILE_DEFAULTS, profile);

/** The end entity profiles. */
@Controller('api/v1/end-entity-profiles')
export class EndEntityProfilesController {
  constructor(private readonly profiles: EndEntityProfileRegistry) {}

  @Get()
  @Documented({ summary: 'Lists end entity profiles by name', status: 200, answer: pageOf(ANSWER) })
  list(@Query() query: PageQuery): Promise<Page<View>> {
    return PAGER.page(query, (limit, after) => this.profiles.list(limit, after?.name), view);
  }

  @Post()
  @Documented({ summary: 'Adds an end entity profile; only the name is needed', status: 201, answer: ANSWER })
  async create(
    @Actor() actor: string,
    @Body() { name, ...given }: NewEndEntityProfileBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<View> {
    const profile = await this.profiles.create(actor, name, given);
    createdAt(response, 'end-entity-profiles', name);
    return view(profile);
  }

  @Get(':name')
  @Documented({ summary: 'Shows an end entity profile with all its settings', status: 200, answer: ANSWER })
  async get(@Param('name', PathNamePipe) name: string): Promise<View> {
    return view(await this.profiles.get(name));
  }

  @Put(':name')
  @Documented({
    summary: 'Gives an end entity profile new settings in place of all it had',
    status: 200,
    answer: ANSWER,
  })
  async replace(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() given: EndEntityProfileInput,
  ): Promise<View> {
    return view(await this.profiles.replace(actor, name, given));
  }

  @Patch(':name')
  @Documented({
    summary: 'Changes the settings that are named (JSON merge patch); null brings a default back',
    status: 200,
    answer: ANSWER,
  })
  async patch(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() patch: EndEntityProfileInput,
  ): Promise<View> {
    return view(await this.profiles.patch(actor, name, patch));
  }

  @Delete(':name')
  @HttpCode(204)
  @Documented({ summary: 'Removes an end entity profile that nobody uses', status: 204 })
  remove(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<void> {
    return this.profiles.remove(actor, name);
  }

  @Post(':name/rename')
  @HttpCode(200)
  @Documented({ summary: 'Renames an end entity profile', status: 200, answer: ANSWER })
  async rename(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() body: RenameEndEntityProfileBody,
  ): Promise<View> {
    return view(await this.profiles.rename(actor, name, body.name));
  }
}
