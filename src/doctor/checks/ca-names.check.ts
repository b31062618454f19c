import { attributeTypeByOid } from '../../pki/x509/attribute-type';
import { needsOf, type AliasUnderExamination, type Check } from '../alias-under-examination';
import { changeAlias, inWords, shellWord, type Finding } from '../finding';

/** Whether clients find the CA by the name that they send, and can read the name in its certificate. */
export const caNames: Check = (alias) => [...letterCase(alias), ...identifier(alias), ...attributes(alias)];

function letterCase(alias: AliasUnderExamination): Finding[] {
  if (needsOf(alias).lowerCasesCaName !== true) return [];
  const names = alias.authorities.map(({ name }) => name);
  const twins = names.filter((name) =>
    names.some((other) => other !== name && other.toLowerCase() === name.toLowerCase()),
  );
  if (twins.length > 0)
    return [
      {
        level: 'error',
        rule: 'ca-name.ambiguous',
        what: `${inWords(twins)} differ in nothing but upper and lower case.`,
        why: 'The devices of this profile send names in lower case: all of them get the first one.',
        mend: 'Rename one, or take it from the alias.',
        commands: twins.slice(1).map((name) => `scep-gateway authority rename ${shellWord(name)} NEWNAME`),
      },
    ];
  return names
    .filter((name) => name !== name.toLowerCase())
    .map((name) => ({
      level: 'note',
      rule: 'ca-name.upper-case',
      what: `The name ${name} has upper-case letters.`,
      why: 'The devices of this profile send it in lower case. This gateway finds it in any case, but not every tool in between may, and what the device shows is not the name of the CA.',
      mend: 'Give it a name in lower case if that irritates anyone.',
      commands: [`scep-gateway authority rename ${shellWord(name)} ${shellWord(name.toLowerCase())}`],
    }));
}

function identifier(alias: AliasUnderExamination): Finding[] {
  const { name, settings, authorities } = alias;
  const sent = needsOf(alias).caIdentifier;
  if (sent === undefined || settings.caIdentifierPolicy === 'fallback') return [];
  if (authorities.some((authority) => authority.name.toLowerCase() === sent.toLowerCase())) return [];
  return [
    {
      level: 'error',
      rule: 'ca-name.unknown-identifier',
      what: `None of the authorities of the alias is called ${sent}, and the alias is strict about it.`,
      why: `The devices of this profile always send the CA identifier ${sent}, which cannot be changed, and get HTTP 404.`,
      mend: 'Have the alias answer with its first authority, or give one that name.',
      commands: [changeAlias(name, 'caIdentifierPolicy=fallback')],
    },
  ];
}

function attributes(alias: AliasUnderExamination): Finding[] {
  const unreadable = needsOf(alias).unreadableAttributes ?? [];
  return alias.authorities.flatMap(({ name, certificate }) => {
    const found = unreadable.filter((oid) => certificate.subjectAttributes.includes(oid));
    if (found.length === 0) return [];
    return [
      {
        level: 'error' as const,
        rule: 'ca-name.unreadable-attribute',
        what: `The name of ${name}, "${certificate.subject}", has ${inWords(found.map((oid) => attributeTypeByOid(oid)?.label ?? oid))}.`,
        why: 'The devices of this profile cannot read a name with that.',
        mend: 'They need a CA with another name.',
        commands: [`scep-gateway authority create NAME --subject 'CN=NAME,O=…'`],
      },
    ];
  });
}
