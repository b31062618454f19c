import { keyPurposeOid } from '../profiles/key-purpose';

/** A certificate template and the certificate profile that it stands for. */
export interface TemplateMapping {
  /** Name of the template, or its dotted object identifier. */
  readonly template: string;
  /** Name of the certificate profile. */
  readonly certificateProfile: string;
}

/** How a mapping is written, for messages. */
export const TEMPLATE_NOTATION =
  'a certificate template by its name or dotted identifier, an equals sign and a certificate profile, such as WebServer=SERVER';

const MAPPING = /^\s*([^=\p{Cc}]*[^=\s\p{Cc}])\s*=\s*(\S|\S.*\S)\s*$/u;
const LIKE_AN_IDENTIFIER = /^\d+(\.\d+)+$/;

/** Reads one entry of the setting `templates`; undefined if the text is none. */
export function parseTemplateMapping(text: string): TemplateMapping | undefined {
  const [, template, certificateProfile] = MAPPING.exec(text) ?? [];
  if (template === undefined || certificateProfile === undefined) return undefined;
  if (LIKE_AN_IDENTIFIER.test(template) && keyPurposeOid(template) === undefined) return undefined;
  return { template, certificateProfile };
}

/** Writes what {@link parseTemplateMapping} reads. */
export const templateMappingText = ({ template, certificateProfile }: TemplateMapping): string =>
  `${template}=${certificateProfile}`;

/** By which templates are compared: Microsoft's names do not know letter case. */
export const templateKey = (template: string): string => template.toLowerCase();
