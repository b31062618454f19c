import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import type { Alias } from '../../aliases/alias';
import { AliasCatalogue } from '../../aliases/alias-catalogue';
import type { ChallengeKindName } from '../../challenges/challenge-settings';
import { DailyChallenges } from '../../challenges/daily/daily-challenges';
import type { OneTimeChallengeEntity } from '../../challenges/one-time/one-time-challenge.entity';
import { OneTimeChallenges, type OneTimePosition } from '../../challenges/one-time/one-time-challenges';
import { lifetimeSeconds } from '../../challenges/one-time/one-time-settings';
import { invalidInput } from '../../common/checked-input';
import { ServiceError } from '../../common/service-error';
import { Actor } from '../actor.decorator';
import { Documented, pageOf } from '../openapi/documented';
import { PageQuery, Pager, timePart, uuidPart, type Page } from '../pagination';
import { PathNamePipe } from '../path-name.pipe';
import { NewOneTimeChallengeBody } from './challenge.body';
import {
  DAILY_CHALLENGE_ANSWER,
  type DailyChallengeView,
  ISSUED_CHALLENGE_ANSWER,
  type IssuedChallengeView,
  ONE_TIME_CHALLENGE_ANSWER,
  oneTimeChallengeView,
  type OneTimeChallengeView,
} from './challenge.presenter';

const PAGER = new Pager<OneTimeChallengeEntity, OneTimePosition>(
  { issuedAt: timePart, id: uuidPart },
  ({ issuedAt, id }) => ({ issuedAt, id }),
);

/** The challenges of an alias that people and programs fetch for devices. */
@Controller('api/v1/aliases/:name/challenges')
export class ChallengesController {
  constructor(
    private readonly aliases: AliasCatalogue,
    private readonly oneTime: OneTimeChallenges,
    private readonly daily: DailyChallenges,
  ) {}

  @Get()
  @Documented({
    summary: 'Lists the one-time challenges that are outstanding, the newest first',
    status: 200,
    answer: pageOf(ONE_TIME_CHALLENGE_ANSWER),
  })
  async list(
    @Param('name', PathNamePipe) name: string,
    @Query() query: PageQuery,
  ): Promise<Page<OneTimeChallengeView>> {
    const { id } = await this.alias(name);
    return PAGER.page(query, (limit, after) => this.oneTime.outstanding(id, limit, after), oneTimeChallengeView);
  }

  @Post()
  @Documented({
    summary: 'Issues a one-time challenge; this answer is the only one that ever holds it',
    status: 201,
    answer: ISSUED_CHALLENGE_ANSWER,
  })
  async issue(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() { binding, lifetime }: NewOneTimeChallengeBody,
  ): Promise<IssuedChallengeView> {
    const alias = await this.aliasOf(name, 'one-time');
    const { format, maximum, ...settings } = alias.challenge.oneTime;
    const longest = lifetimeSeconds(settings.lifetime) ?? 0;
    const seconds = lifetime === undefined ? longest : lifetimeSeconds(lifetime);
    if (seconds === undefined || seconds < 1 || seconds > longest)
      throw invalidInput([
        { field: 'lifetime', message: `must be a period such as 10m, at most the alias's ${settings.lifetime}` },
      ]);
    return this.oneTime.issue({
      aliasId: alias.id,
      aliasName: alias.name,
      format,
      lifetimeSeconds: seconds,
      maximum,
      binding,
      issuedBy: actor,
    });
  }

  @Get('daily')
  @Documented({
    summary: "Reads today's challenge of an alias whose challenge changes each day; the audit log says who has",
    status: 200,
    answer: DAILY_CHALLENGE_ANSWER,
  })
  async today(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<DailyChallengeView> {
    return this.daily.read(actor, await this.aliasOf(name, 'daily'));
  }

  @Post('daily/rotate')
  @HttpCode(200)
  @Documented({
    summary: "Takes another key for the challenges of days: today's and yesterday's are wrong from now on",
    status: 200,
    answer: DAILY_CHALLENGE_ANSWER,
  })
  async rotate(@Actor() actor: string, @Param('name', PathNamePipe) name: string): Promise<DailyChallengeView> {
    return this.daily.rotate(actor, await this.aliasOf(name, 'daily'));
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({ summary: 'Takes a one-time challenge back', status: 204 })
  async revoke(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Param('id', new ParseUUIDPipe({ exceptionFactory: noSuchChallenge })) id: string,
  ): Promise<void> {
    return this.oneTime.revoke(actor, await this.alias(name), id);
  }

  private async aliasOf(name: string, kind: ChallengeKindName): Promise<Alias> {
    const alias = await this.alias(name);
    const present = alias.challenge.kind;
    if (present === kind) return alias;
    throw new ServiceError('conflict', `the challenge.kind of alias ${name} is ${present}, and this is for ${kind}`);
  }

  private async alias(name: string): Promise<Alias> {
    const alias = (await this.aliases.get()).byName(name);
    if (alias === undefined) throw new ServiceError('not-found', 'there is no alias of that name');
    return alias;
  }
}

function noSuchChallenge(): ServiceError {
  return new ServiceError('not-found', 'this alias has no one-time challenge of that id');
}
