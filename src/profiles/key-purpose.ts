import { DerError } from '../pki/der/der-error';
import { oid } from '../pki/der/der-writer';

/** Names of the purposes for extKeyUsage (RFC 5280 section 4.2.1.12, RFC 4945, Microsoft) and their identifiers. */
export const KEY_PURPOSES = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  ipsecEndSystem: '1.3.6.1.5.5.7.3.5',
  ipsecTunnel: '1.3.6.1.5.5.7.3.6',
  ipsecUser: '1.3.6.1.5.5.7.3.7',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  eapOverLan: '1.3.6.1.5.5.7.3.14',
  ipsecIKE: '1.3.6.1.5.5.7.3.17',
  ipsecIntermediate: '1.3.6.1.5.5.8.2.2',
  smartCardLogon: '1.3.6.1.4.1.311.20.2.2',
} as const;

const DOTTED = /^[0-2](\.(0|[1-9]\d{0,18})){1,30}$/;

/** Whether the text is dotted as an identifier is, and one that can be encoded: `1.40` has no encoding of its own. */
export function isObjectIdentifier(text: string): boolean {
  if (!DOTTED.test(text)) return false;
  try {
    oid(text);
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** The identifier of a purpose given by name or dotted; undefined if the text is neither. */
export function keyPurposeOid(purpose: string): string | undefined {
  if (isObjectIdentifier(purpose)) return purpose;
  return Object.hasOwn(KEY_PURPOSES, purpose) ? KEY_PURPOSES[purpose as keyof typeof KEY_PURPOSES] : undefined;
}
