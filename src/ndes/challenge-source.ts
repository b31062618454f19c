import { Injectable } from '@nestjs/common';
import type { Alias } from '../aliases/alias';
import { AuditedChange } from '../audit/audited-change';
import { OneTimeChallenges, type IssuedOneTimeChallenge } from '../challenges/one-time/one-time-challenges';
import { oneTimeLimits } from '../challenges/one-time/one-time-settings';
import { ServiceError } from '../common/service-error';

/** What the page has for a visitor. */
export type FetchedChallenge =
  /** `minutes`: for how long it is good, and then once; undefined: for ever. */
  | { readonly kind: 'password'; readonly password: string; readonly minutes: number | undefined }
  /** As many are out as may be. */
  | { readonly kind: 'full' }
  /** `reason`: a sentence for people. */
  | { readonly kind: 'none'; readonly reason: string };

const SECONDS_PER_MINUTE = 60;

/** Where the page's challenges come from. Whatever is shown is in the audit log before it is. */
@Injectable()
export class ChallengeSource {
  constructor(
    private readonly oneTimeChallenges: OneTimeChallenges,
    private readonly auditedChange: AuditedChange,
  ) {}

  /** @param actor who reads it, for the audit log */
  async fetch(alias: Alias, actor: string): Promise<FetchedChallenge> {
    switch (alias.challenge.kind) {
      case 'one-time':
        return this.oneTime(alias, actor);
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
    // Not more than it has, but at least one: programs look for a number of minutes.
    const minutes = Math.max(1, Math.floor(lifetimeSeconds / SECONDS_PER_MINUTE));
    return { kind: 'password', password: issued.challengePassword, minutes };
  }

  private async static(alias: Alias, actor: string): Promise<FetchedChallenge> {
    const password = alias.secrets.get('challenge.password');
    if (!alias.ndes.showStaticPassword || password === undefined)
      return {
        kind: 'none',
        reason: `The alias ${alias.name} has one password for all, which is not shown (ndes.showStaticPassword).`,
      };
    await this.auditedChange.make((_manager, record) =>
      record({ actor, action: 'challenge.read', target: `aliases/${alias.name}` }),
    );
    return { kind: 'password', password, minutes: undefined };
  }
}
