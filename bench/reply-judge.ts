import { readSignedData } from '../src/pki/cms/signed-data';
import { DerError } from '../src/pki/der/der-error';
import { Oid } from '../src/pki/x509/oid';
import { pkiStatusFromText } from '../src/scep/message/pki-status';
import { SignedAttributes } from '../src/scep/message/signed-attributes';
import type { HttpReply } from './http-connection';

/**
 * Whether an answer is a CertRep with SUCCESS to this transaction. Neither signature nor envelope are looked into: that
 * costs as much as issuing the certificate did.
 *
 * @returns what is wrong with it, in few words; undefined if nothing is
 */
export function complaintAbout(reply: HttpReply, transactionID: string): string | undefined {
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  try {
    const attributes = new SignedAttributes(readSignedData(reply.body).signerInfos[0]?.signedAttributes?.list ?? []);
    if (attributes.text(Oid.transactionID) !== transactionID) return 'another transactionID';
    const pkiStatus = pkiStatusFromText(attributes.text(Oid.pkiStatus) ?? '');
    if (pkiStatus === 'SUCCESS') return undefined;
    const words = [pkiStatus ?? 'no pkiStatus', attributes.text(Oid.failInfo), attributes.text(Oid.failInfoText)];
    return words.filter((word) => word !== undefined).join(' ');
  } catch (error) {
    if (error instanceof DerError) return 'no CertRep';
    throw error;
  }
}
