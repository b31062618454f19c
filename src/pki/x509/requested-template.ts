import { readOnly } from '../der/der-reader';
import { readOid, readString } from '../der/der-values';
import { Tag } from '../der/tag';
import type { CertificationRequest } from './certification-request';
import type { Extension } from './extension';
import { Oid } from './oid';
import { DerError } from '../der/der-error';

const WHAT = 'certificate template';

/**
 * Microsoft's certificate templates that a request names, the surer one first: by object identifier (template information,
 * 1.3.6.1.4.1.311.21.7, its version is not looked at), then by name (1.3.6.1.4.1.311.20.2). Throws `DerError`.
 */
export function requestedTemplates({ extensions }: Pick<CertificationRequest, 'extensions'>): string[] {
  const valueOf = (oid: string): Buffer | undefined => extensions.find((one: Extension) => one.oid === oid)?.value;
  const information = valueOf(Oid.microsoftTemplateInformation);
  const name = valueOf(Oid.microsoftTemplateName);
  return [
    ...(information === undefined ? [] : [readTemplateIdentifier(information)]),
    ...(name === undefined ? [] : [readTemplateName(name)]),
  ];
}

/** Dotted identifier of a template. */
function readTemplateIdentifier(value: Buffer): string {
  const reader = readOnly(value, Tag.SEQUENCE, WHAT).open(WHAT);
  return readOid(reader.next(WHAT), WHAT);
}

/** A BMPString by Microsoft's own word; others write other string types. */
function readTemplateName(value: Buffer): string {
  const name = readString(readOnly(value, value[0] ?? 0, WHAT), WHAT);
  if (/\p{Cc}|\p{Cs}/u.test(name)) throw new DerError(`${WHAT}: control character`);
  return name;
}
