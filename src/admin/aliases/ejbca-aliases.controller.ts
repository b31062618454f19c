import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { MaxLength, IsString } from 'class-validator';
import type { ExportedAlias } from '../../aliases/ejbca/ejbca-export';
import { EjbcaAliases, type ImportedAlias } from '../../aliases/ejbca/ejbca-aliases';
import { Actor } from '../actor.decorator';
import { Documented, flag, listOf, record, text, type Answer } from '../openapi/documented';
import { PathNamePipe } from '../path-name.pipe';
import { ALIAS_ANSWER, aliasView, type AliasView } from './alias.presenter';

/** Far more than all keys of fifty aliases. */
const LONGEST_FILE = 100_000;

/** An alias in EJBCA's form. */
export class EjbcaPropertiesBody {
  /** Lines `ALIAS.key=VALUE`. */
  @IsString()
  @MaxLength(LONGEST_FILE)
  properties: string;
}

const EXPORT_ANSWER: Answer = { name: 'EjbcaProperties', properties: { properties: text, leftOut: listOf(text) } };

const IMPORT_ANSWER: Answer = {
  name: 'EjbcaImport',
  properties: {
    alias: record(ALIAS_ANSWER.properties),
    isNew: flag,
    carriedOver: listOf(record({ key: text, fields: listOf(text) })),
    leftOut: listOf(record({ key: text, reason: text })),
    remarks: listOf(text),
  },
};

/** Aliases in EJBCA's form, for who comes from there or goes back. */
@Controller('api/v1/aliases/:name/ejbca')
export class EjbcaAliasesController {
  constructor(private readonly aliases: EjbcaAliases) {}

  @Get()
  @Documented({
    summary: "Writes an alias in EJBCA's form, without secrets, and tells which fields have no key there",
    status: 200,
    answer: EXPORT_ANSWER,
  })
  export(@Param('name', PathNamePipe) name: string): Promise<ExportedAlias> {
    return this.aliases.export(name);
  }

  @Put()
  @Documented({
    summary: "Makes or changes an alias by lines in EJBCA's form, and tells what could not be carried over",
    status: 200,
    answer: IMPORT_ANSWER,
  })
  async import(
    @Actor() actor: string,
    @Param('name', PathNamePipe) name: string,
    @Body() { properties }: EjbcaPropertiesBody,
  ): Promise<Omit<ImportedAlias, 'alias'> & { readonly alias: AliasView }> {
    const imported = await this.aliases.import(actor, name, properties);
    return { ...imported, alias: aliasView(imported.alias) };
  }
}
