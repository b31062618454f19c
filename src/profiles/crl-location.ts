/** Stands for the place where the gateway itself serves the CRL, by its `PUBLIC_URL`. */
export const GATEWAYS_OWN_CRL = 'gateway';

const URI = /^(https?|ldaps?):\/\/[\x21-\x7e]+$/i;

/** {@link isCrlLocation} in words. */
export const CRL_LOCATION_RULE = `must be ${GATEWAYS_OWN_CRL}, or a URI with http, https, ldap or ldaps`;

/** Whether a text can stand for a place of CRLs (RFC 5280 section 4.2.1.13). */
export const isCrlLocation = (text: string): boolean =>
  text === GATEWAYS_OWN_CRL || (URI.test(text) && URL.canParse(text));
