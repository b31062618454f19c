import type { AliasRecommendations } from './alias-recommendations';
import type { ClientNeeds } from './client-needs';

/**
 * How to answer one kind of device where clients disagree. Only switches, each named for the behaviour and never for a
 * vendor: the code asks for the behaviour, and which client wants it is told by the profile's file.
 */
export interface DeviceProfile {
  /** By which an alias refers to it: lower-case letters, digits and hyphens. */
  readonly name: string;
  /** For whom it is and why, in a sentence for the administrator. */
  readonly description: string;
  /**
   * What the CertRep of a PENDING or FAILURE carries as eContent, where RFC 8894 section 3.3.2 has no pkcsPKIEnvelope:
   * none at all, as the RFC says, or an OCTET STRING of no octets.
   */
  readonly emptyContent: 'absent' | 'emptyOctetString';
  /**
   * A message whose eContentType is id-envelopedData is taken, though RFC 8894 section 3.2 says id-data; the content is
   * the same pkcsPKIEnvelope.
   */
  readonly envelopedDataContentType: boolean;
  /** A message without the contentType attribute is taken, though RFC 5652 section 5.3 demands it. */
  readonly missingContentTypeAttribute: boolean;
  /**
   * A RenewalReq that a self-signed certificate signed is read as a PKCSReq. Otherwise it is refused, for a self-signed
   * certificate proves nobody's identity (RFC 8894 section 2.4).
   */
  readonly selfSignedRenewalEnrols: boolean;
  /**
   * An RSA key whose certificate has a keyUsage without keyEncipherment is kept from decrypting, so that an answer to it
   * is encrypted with the challengePassword (RFC 8894 section 3.1). Otherwise that keyUsage is not looked at, as
   * draft-nourse-scep-23 section 8.6 demands: most clients whose certificates are for signatures alone decrypt all the
   * same, and read nothing else.
   */
  readonly signOnlyKeysCannotDecrypt: boolean;
  /**
   * An unstructuredName of the registered subject is also certified as a dNSName and an unstructuredAddress as an
   * iPAddress, where they are such names and are not among the subjectAltNames already. Never of a subject that a request
   * asks for.
   */
  readonly unstructuredNamesAsAltNames: boolean;
  /** The senderNonce of an answer is that of the request, not one of its own (RFC 8894 section 3.2.1.5). */
  readonly repeatsSenderNonce: boolean;
  /** A certificate whose subject has a domainComponent is not issued: its device could not read it. */
  readonly refusesDomainComponents: boolean;
  /** What an alias with this profile is set to wherever it is given nothing itself. */
  readonly aliasDefaults: AliasRecommendations;
  /** What the clients need besides: for doctor to look at, no switch. */
  readonly needs?: ClientNeeds;
}
