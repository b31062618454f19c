import { Inject, Injectable } from '@nestjs/common';
import type { Alias } from '../aliases/alias';
import { AuditedChange } from '../audit/audited-change';
import { DailyChallenges } from '../challenges/daily/daily-challenges';
import { OneTimeChallenges, type IssuedOneTimeChallenge } from '../challenges/one-time/one-time-challenges';
import { oneTimeLimits } from '../challenges/one-time/one-time-settings';
import { staticPasswordField } from '../challenges/static.challenge';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';

/** What the page has for a visitor. */
export type FetchedChallenge =
  /** `once`: whether it is good for one device. `minutes`: for how long it is; undefined: for ever. */
  | {
      readonly kind: 'password';
      readonly password: string;
      readonly once: boolean;
      readonly minutes: number | undefined;
    }
  /** As many are out as may be. */
  | { readonly kind: 'full' }
  /** `reason`: a sentence for people. */
  | { readonly kind: 'none'; readonly reason: string };

const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;

/** Where the page's challenges come from. Whatever is shown is in the audit log before it is. */
@Injectable()
export class ChallengeSource {
  constructor(
    private readonly oneTimeChallenges: OneTimeChallenges,
    private readonly dailyChallenges: DailyChallenges,
    private readonly auditedChange: AuditedChange,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param actor who reads it, for the audit log */
  async fetch(alias: Alias, actor: string): Promise<FetchedChallenge> {
    switch (alias.challenge.kind) {
      case 'one-time':
        return this.oneTime(alias, actor);
      case 'daily':
        return this.daily(alias, actor);
      case 'static':
        return this.static(alias, actor);
      default:
        return {
          kind: 'none',
          reason: `The alias ${alias.name} has no passwords that could be fetched here: its challenge is of the kind ${alias.challenge.kind}.`,
        };
    }
  }

  private async oneTime(alias: Alias, actor: string): Promise<FetchedChallenge> {
    const format = alias.ndes.passwordLength === 8 ? 'hex16' : 'hex32';
    const { lifetimeSeconds, maximum } = oneTimeLimits(alias.challenge.oneTime, format);
    let issued: IssuedOneTimeChallenge;
    try {
      const { id: aliasId, name: aliasName } = alias;
      const order = { aliasId, aliasName, format, lifetimeSeconds, maximum, issuedBy: actor } as const;
      issued = await this.oneTimeChallenges.issue(order);
    } catch (error) {
      if (error instanceof ServiceError && error.rule === 'challenge.oneTime.maximum') return { kind: 'full' };
      throw error;
    }
    // Of the lifetime, for a moment of it is over already: NDES's 60 minutes are not to be called 59.
    const minutes = wholeMinutes(lifetimeSeconds * MS_PER_SECOND);
    return { kind: 'password', password: issued.challengePassword, once: true, minutes };
  }

  private async daily(alias: Alias, actor: string): Promise<FetchedChallenge> {
    const { challengePassword: password, expiresAt } = await this.dailyChallenges.read(actor, alias);
    return {
      kind: 'password',
      password,
      once: false,
      minutes: wholeMinutes(expiresAt.getTime() - this.clock.now().getTime()),
    };
  }

  private async static(alias: Alias, actor: string): Promise<FetchedChallenge> {
    const password = alias.secrets.get(staticPasswordField(alias.operationalMode));
    if (!alias.ndes.showStaticPassword || password === undefined)
      return {
        kind: 'none',
        reason: `The alias ${alias.name} has one password for all, which is not shown (ndes.showStaticPassword).`,
      };
    await this.auditedChange.make((_manager, record) =>
      record({ actor, action: 'challenge.read', target: `aliases/${alias.name}` }),
    );
    return { kind: 'password', password, once: false, minutes: undefined };
  }
}

/** Not more than there are, but at least one: programs look for a number of minutes. */
const wholeMinutes = (milliseconds: number): number => Math.max(1, Math.floor(milliseconds / MS_PER_MINUTE));
