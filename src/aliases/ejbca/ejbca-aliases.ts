import { Injectable } from '@nestjs/common';
import { invalidInput } from '../../common/checked-input';
import { ServiceError } from '../../common/service-error';
import { ALIAS_DEFAULTS } from '../alias';
import { isAliasName } from '../alias-name';
import { AliasRegistry, type StoredAlias } from '../alias.registry';
import { exportAlias, type ExportedAlias } from './ejbca-export';
import { mapLines, type MappedLines, type PresentAlias } from './ejbca-import';
import { linesFor } from './ejbca-lines';

/** What an import has made of an alias. */
export interface ImportedAlias extends Omit<MappedLines, 'settings'> {
  readonly alias: StoredAlias;
  readonly isNew: boolean;
}

/** Aliases in EJBCA's form: `ALIAS.key=VALUE`. */
@Injectable()
export class EjbcaAliases {
  constructor(private readonly registry: AliasRegistry) {}

  /** An alias in that form, without its secrets. Throws ServiceError `not-found`. */
  async export(name: string): Promise<ExportedAlias> {
    return exportAlias(await this.registry.get(name));
  }

  /**
   * Sets what the lines say, and leaves all else as it is; makes the alias where there is none. All or nothing: a value that
   * this gateway cannot take refuses the whole file, what EJBCA's keys have no counterpart for is only told.
   *
   * @param text a properties file
   * @throws ServiceError `invalid-input`
   */
  async import(actor: string, name: string, text: string): Promise<ImportedAlias> {
    if (!isAliasName(name))
      throw invalidInput([{ field: 'name', message: 'must be 1 to 32 letters, digits, underscores and hyphens' }]);
    const { properties, renamedFrom, others } = linesFor(name, text);
    if (properties.length === 0)
      throw invalidInput([{ field: 'properties', message: `must have lines for the alias ${name}` }]);
    const present = await this.present(name);
    const { settings, ...told } = mapLines(properties, presentAlias(present));
    if (present === undefined && told.carriedOver.length === 0)
      throw invalidInput([{ field: 'properties', message: 'must have lines that can be carried over' }]);
    const remarks = [
      ...(renamedFrom === undefined ? [] : [`The lines are those of an alias called ${renamedFrom}.`]),
      ...(others.length === 0 ? [] : [`Lines of other aliases are not looked at: ${others.join(', ')}.`]),
      ...told.remarks,
    ];
    const alias = await this.write(actor, name, present, settings);
    if (!alias.settings.enabled && settings.enabled !== false)
      remarks.push(`The alias is disabled: alias change ${name} --set enabled=true puts it into service.`);
    return { ...told, remarks, alias, isNew: present === undefined };
  }

  private async write(
    actor: string,
    name: string,
    present: StoredAlias | undefined,
    settings: object,
  ): Promise<StoredAlias> {
    if (present === undefined) return this.registry.create(actor, name, settings);
    return Object.keys(settings).length === 0 ? present : this.registry.patch(actor, name, settings);
  }

  private async present(name: string): Promise<StoredAlias | undefined> {
    try {
      return await this.registry.get(name);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'not-found') return undefined;
      throw error;
    }
  }
}

function presentAlias(alias: StoredAlias | undefined): PresentAlias {
  const settings = alias?.settings ?? ALIAS_DEFAULTS;
  return {
    operationalMode: settings.operationalMode,
    authorities: alias?.authorities ?? [],
    digests: settings.algorithms.accept.digests,
    usesIntune: settings.challenge.kind === 'intune',
    secretFields: alias?.secretFields ?? [],
  };
}
