/** Stands for the place where the gateway itself serves what is meant, by its `PUBLIC_URL`. */
export const GATEWAYS_OWN = 'gateway';

const WEB = /^https?:\/\/[\x21-\x7e]+$/i;
const WEB_OR_DIRECTORY = /^(https?|ldaps?):\/\/[\x21-\x7e]+$/i;

const isUri = (form: RegExp, text: string): boolean => form.test(text) && URL.canParse(text);

/** Whether a text can stand for a place on the web, such as a practice statement's. */
export const isWebLocation = (text: string): boolean => isUri(WEB, text);

/** What is a place in certificates (RFC 5280 sections 4.2.1.13 and 4.2.2.1), by the field of a certificate profile. */
interface LocationRule {
  readonly isRight: (text: string) => boolean;
  /** The same in words. */
  readonly rule: string;
}

const ofGateway: LocationRule = {
  isRight: (text) => text === GATEWAYS_OWN || isUri(WEB_OR_DIRECTORY, text),
  rule: `must be ${GATEWAYS_OWN}, or a URI with http, https, ldap or ldaps`,
};

/** By field what can stand for a place. */
export const LOCATIONS: Readonly<Record<'crlDistributionPoints' | 'caIssuers' | 'ocspResponders', LocationRule>> = {
  crlDistributionPoints: ofGateway,
  caIssuers: ofGateway,
  ocspResponders: { isRight: isWebLocation, rule: 'must be a URI with http or https' },
};
