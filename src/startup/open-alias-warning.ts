import { Inject, Injectable } from '@nestjs/common';
import { AliasCatalogue } from '../aliases/alias-catalogue';
import { aliasWarnings } from '../aliases/alias-warnings';
import { LOGGER, type Logger } from '../common/logger';
import type { StartStep } from './start-step';

/** Says at each start which aliases let anybody in: that nobody has complained does not mean that it was meant. */
@Injectable()
export class OpenAliasWarning implements StartStep {
  readonly name = 'alias-warnings';

  constructor(
    private readonly aliases: AliasCatalogue,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    for (const alias of (await this.aliases.get()).all)
      for (const warning of alias.enabled ? aliasWarnings(alias) : []) this.logger.warn({ alias: alias.name }, warning);
  }
}
