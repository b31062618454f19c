import { DerError } from '../../pki/der/der-error';
import { attributeOid } from '../../pki/x509/attribute-type';
import { Certificate } from '../../pki/x509/certificate';
import { readPem } from '../../pki/x509/pem';
import type { FieldProblem } from '../../common/checked-input';

/** Which certificates of manufacturers let a device in, and as whom. */
export interface ManufacturerSettings {
  /** Roots of manufacturers, PEM text with one or more certificates each. */
  readonly roots: readonly string[];
  /** Where a device's certificate says which end entity it is: see {@link parseUsernameRule}. */
  readonly username: string;
  /** Whether a device's certificate still counts after its end: what was built in years ago cannot be renewed. */
  readonly acceptExpired: boolean;
}

/** What a field is when it is not given. */
export const MANUFACTURER_DEFAULTS: ManufacturerSettings = {
  roots: [],
  username: 'SERIALNUMBER',
  acceptExpired: false,
};

/** Where a name is found in the subject of a device's certificate. */
export interface UsernameRule {
  /** Of the attribute, dotted. */
  readonly oid: string;
  /** The name is what follows this label and a colon, up to the next blank; undefined: it is the whole value. */
  readonly label: string | undefined;
}

/** What {@link parseUsernameRule} reads. */
const USERNAME_RULE_NOTATION = 'an attribute of the subject, such as CN, or one with a label, such as SERIALNUMBER:SN';

/**
 * Reads a rule: an attribute by name or dotted, and the label where the attribute holds several values, such as
 * "PID:ISR4331/K9 SN:FDO21520TGH" of Cisco's certificates, for which the rule is SERIALNUMBER:SN.
 * @returns undefined for what is none
 */
export function parseUsernameRule(text: string): UsernameRule | undefined {
  const [, attribute = '', label] = /^([^:]+)(?::([A-Za-z0-9_-]{1,32}))?$/.exec(text) ?? [];
  const oid = attributeOid(attribute);
  return oid === undefined ? undefined : { oid, label };
}

/**
 * The certificates of such texts.
 * @throws DerError
 */
export const readRoots = (texts: readonly string[]): Certificate[] =>
  texts.flatMap((text) => readPem(text).map(({ der }) => Certificate.read(der)));

/** What is wrong with the settings. */
export function manufacturerProblems({ roots, username }: ManufacturerSettings): FieldProblem[] {
  const wrongRule = parseUsernameRule(username) === undefined;
  return [
    ...roots.flatMap((text, index) => {
      const field = `challenge.manufacturer.roots[${index}]`;
      return isPemOfCertificates(text) ? [] : [{ field, message: 'must be certificates as PEM text' }];
    }),
    ...(wrongRule ? [{ field: 'challenge.manufacturer.username', message: `must be ${USERNAME_RULE_NOTATION}` }] : []),
  ];
}

function isPemOfCertificates(text: string): boolean {
  try {
    const blocks = readPem(text);
    const certificates = blocks.map(({ der }) => Certificate.read(der));
    // Their names are needed to find a path to them, so they are to be readable, too.
    return (
      certificates.length > 0 && certificates.every(({ subject, publicKey }) => !subject.isEmpty && publicKey.bits > 0)
    );
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
