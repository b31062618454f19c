import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_ALIAS } from '../aliases/alias-name';
import { AliasRegistry } from '../aliases/alias.registry';
import { AuthorityCatalogue } from '../authorities/authority-catalogue';
import { MANAGEMENT_CA } from '../authorities/authority-reference';
import { AuthorityService } from '../authorities/authority.service';
import { LOGGER, type Logger } from '../common/logger';
import { CONFIG, type Config } from '../config/environment';
import { TransactionRunner } from '../database/transaction-runner';
import { DefaultProfiles } from '../profiles/default-profiles';
import type { StartStep } from './start-step';

const ACTOR = 'gateway';

/**
 * Makes a fresh gateway usable at once: an authority, the default profiles, and the alias `scep`. Only beside the
 * embedded database; where an administrator has brought a database, the administrator decides what is in it. Each is
 * made only while there is none of its kind, so a start that was killed half-way is taken up again, and nothing is added
 * to a gateway that was set up otherwise.
 */
@Injectable()
export class FirstStart implements StartStep {
  readonly name = 'first start';

  constructor(
    private readonly authorities: AuthorityService,
    private readonly authorityCatalogue: AuthorityCatalogue,
    private readonly profiles: DefaultProfiles,
    private readonly aliases: AliasRegistry,
    private readonly transactions: TransactionRunner,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    if (!this.config.databaseIsEmbedded) return;
    await this.transactions.inTransaction((manager) => this.profiles.ensureDefaultProfiles(manager, ACTOR));
    if ((await this.authorityCatalogue.get()).byName.size === 0) {
      await this.authorities.create(ACTOR, { name: MANAGEMENT_CA, subject: `CN=${MANAGEMENT_CA}` });
      this.logger.info({ authority: MANAGEMENT_CA }, 'first start: authority created');
    }
    if ((await this.aliases.list(1)).length === 0) {
      await this.aliases.create(ACTOR, DEFAULT_ALIAS, {});
      this.logger.info({ alias: DEFAULT_ALIAS }, 'first start: alias created');
    }
  }
}
