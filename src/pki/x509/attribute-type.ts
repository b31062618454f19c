import { Oid } from './oid';

/** How an attribute type of a name is written in text, and which string type its values get. */
export interface AttributeType {
  readonly oid: string;
  /** What {@link DistinguishedName.toString} writes. */
  readonly label: string;
  /** What administrators write besides the label; case does not matter. */
  readonly aliases: readonly string[];
  /**
   * `printable`: PrintableString only. `printableOrUtf8`: PrintableString where the text allows it, as X.520 wants it,
   * else UTF8String. `ia5`: IA5String only. `ia5OrUtf8`: IA5String where the text allows it (RFC 2985). `utf8`:
   * UTF8String (RFC 5280 section 4.1.2.4).
   */
  readonly encoding: 'printable' | 'printableOrUtf8' | 'ia5' | 'ia5OrUtf8' | 'utf8';
}

type Encoding = AttributeType['encoding'];

const type = (
  oid: string,
  label: string,
  aliases: readonly string[] = [],
  encoding: Encoding = 'utf8',
): AttributeType => ({
  oid,
  label,
  aliases,
  encoding,
});

/**
 * The attribute types with a name of their own. `SN` is the serialNumber, as it is in EJBCA (in LDAP it is the surname):
 * that is why the label is never `SN`.
 */
const ATTRIBUTE_TYPES: readonly AttributeType[] = [
  type(Oid.commonName, 'CN', ['commonName']),
  type(Oid.surname, 'SURNAME'),
  type(Oid.serialNumber, 'SERIALNUMBER', ['SN'], 'printableOrUtf8'),
  type(Oid.countryName, 'C', ['country', 'countryName'], 'printable'),
  type(Oid.localityName, 'L', ['locality', 'localityName']),
  type(Oid.stateOrProvinceName, 'ST', ['S', 'state', 'stateOrProvinceName']),
  type(Oid.streetAddress, 'STREET', ['streetAddress']),
  type(Oid.organizationName, 'O', ['organization', 'organizationName']),
  type(Oid.organizationalUnitName, 'OU', ['organizationalUnit', 'organizationalUnitName']),
  type(Oid.title, 'TITLE', ['T']),
  type(Oid.description, 'DESCRIPTION'),
  type(Oid.businessCategory, 'BUSINESSCATEGORY'),
  type(Oid.postalCode, 'POSTALCODE'),
  type(Oid.telephoneNumber, 'TELEPHONENUMBER', [], 'printableOrUtf8'),
  type(Oid.name, 'NAME'),
  type(Oid.givenName, 'GIVENNAME', ['G', 'GN']),
  type(Oid.initials, 'INITIALS', ['I']),
  type(Oid.generationQualifier, 'GENERATION', ['generationQualifier']),
  type(Oid.dnQualifier, 'DNQUALIFIER', ['DN'], 'printableOrUtf8'),
  type(Oid.pseudonym, 'PSEUDONYM'),
  type(Oid.organizationIdentifier, 'ORGANIZATIONIDENTIFIER', ['OI']),
  type(Oid.userID, 'UID', ['userID']),
  type(Oid.domainComponent, 'DC', ['domainComponent'], 'ia5'),
  type(Oid.emailAddress, 'E', ['email', 'emailAddress'], 'ia5'),
  type(Oid.unstructuredName, 'unstructuredName', ['UN'], 'ia5OrUtf8'),
  type(Oid.unstructuredAddress, 'unstructuredAddress', ['UA'], 'printableOrUtf8'),
  type(Oid.jurisdictionLocality, 'JURISDICTIONLOCALITY', ['jurisdictionL']),
  type(Oid.jurisdictionState, 'JURISDICTIONSTATE', ['jurisdictionST']),
  type(Oid.jurisdictionCountry, 'JURISDICTIONCOUNTRY', ['jurisdictionC'], 'printable'),
];

const byOid = new Map(ATTRIBUTE_TYPES.map((entry) => [entry.oid, entry]));
const byName = new Map(
  ATTRIBUTE_TYPES.flatMap((entry) => [entry.label, ...entry.aliases].map((name) => [name.toLowerCase(), entry])),
);

/** The attribute type with this identifier, if it has a name. */
export const attributeTypeByOid = (oid: string): AttributeType | undefined => byOid.get(oid);

const DOTTED = /^(?:oid\.)?(\d+(?:\.\d+)+)$/i;

/** The identifier that an administrator means by `CN`, `commonName`, `2.5.4.3` or `OID.2.5.4.3`. */
export function attributeOid(name: string): string | undefined {
  return byName.get(name.toLowerCase())?.oid ?? DOTTED.exec(name)?.[1];
}
