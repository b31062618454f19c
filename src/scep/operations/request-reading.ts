import { Injectable } from '@nestjs/common';

import type { Alias } from '../../aliases/alias';
import type { Authority } from '../../authorities/authority';
import { type BuiltIn, builtInOf } from '../../challenges/manufacturer/built-in-certificate';
import { ServiceError } from '../../common/service-error';
import { getDeviceProfile } from '../../device-profiles/device-profile-catalogue';
import { DerError } from '../../pki/der/der-error';
import type { Certificate } from '../../pki/x509/certificate';
import type { MessageType } from '../message/message-type';
import type { PkiMessage } from '../message/pki-message.decoder';
import { AliasAuthorities } from './alias-authorities';

/** As what a message that asks for a certificate is to be judged. */
export interface RequestReading {
  readonly messageType: Extract<MessageType, 'PKCSReq' | 'RenewalReq'>;
  /** The authority that issued the signer's certificate; undefined where the signer renews nothing. */
  readonly renewedIssuer: Authority | undefined;
  /** Set where manufacturers vouch for devices. */
  readonly builtIn: BuiltIn | undefined;
  /** Whether an RA signed it that is listed as one that signs for many devices. */
  readonly byRa?: boolean;
}

const refused = (rule: string, detail: string, explanation?: string): ServiceError =>
  new ServiceError('renewal-refused', detail, { rule, ...(explanation === undefined ? {} : { explanation }) });

/**
 * Tells a renewal from an enrolment (RFC 8894 section 2.5, rows G-11, I-33, N-13), by who signed the message: that is known
 * before the envelope is opened, and so tells nothing of what is in it.
 */
@Injectable()
export class RequestReader {
  constructor(private readonly authorities: AliasAuthorities) {}

  /**
   * How to read this message. A PKCSReq signed by a certificate that the alias renews is a renewal: IOS, sscep, jscep and
   * certmonger send no other. Any other PKCSReq is an enrolment, whoever signed it.
   *
   * @throws ServiceError `renewal-refused` for a RenewalReq that cannot be one
   */
  async read(
    alias: Alias,
    type: RequestReading['messageType'],
    message: PkiMessage,
    receivedAt: Date,
  ): Promise<RequestReading> {
    const { signer } = message;
    const listed = listedRa(alias, signer);
    if (listed !== undefined) {
      checkRa(alias, type, listed, receivedAt);
      return { messageType: 'PKCSReq', renewedIssuer: undefined, builtIn: undefined, byRa: true };
    }
    const selfSigned = isSelfIssued(signer);
    const builtIn =
      alias.challenge.kind === 'manufacturer'
        ? await builtInOf(alias.challenge.manufacturer, { ...message, receivedAt })
        : undefined;
    // Before all that makes a renewal: our own CA may have certified what a manufacturer builds in.
    if (builtIn !== undefined && builtIn.problem === undefined) {
      if (type === 'PKCSReq') return { messageType: type, renewedIssuer: undefined, builtIn };
      throw refused(
        'challenge.manufacturer.renewal',
        "the manufacturer's certificate of a device is not renewed: enrol by PKCSReq",
        'the RenewalReq is signed by a certificate under one of the roots in challenge.manufacturer.roots',
      );
    }
    if (type === 'RenewalReq' && selfSigned && getDeviceProfile(alias.deviceProfile).selfSignedRenewalEnrols)
      return { messageType: 'PKCSReq', renewedIssuer: undefined, builtIn };
    if (type === 'RenewalReq' && !alias.renewal.enabled)
      throw refused(
        'renewal.enabled',
        'certificates are not renewed here: enrol again by PKCSReq with a challengePassword',
        `renewal.enabled of alias ${alias.name} is false`,
      );
    if (type === 'RenewalReq' && selfSigned)
      throw refused(
        'renewal.self-signed',
        'a RenewalReq is to be signed with the certificate that it renews, not with a self-signed one',
      );
    const renewedIssuer =
      alias.renewal.enabled && !selfSigned ? await this.authorities.issuerOf(alias, signer) : undefined;
    if (type === 'RenewalReq' && renewedIssuer === undefined)
      throw refused(
        'renewal.fromAuthorities',
        'the certificate that signed the request is of no CA whose certificates are renewed here',
        `its issuer is neither among the authorities of alias ${alias.name} nor in its renewal.fromAuthorities`,
      );
    return { messageType: type, renewedIssuer, builtIn };
  }
}

/** The listed RA whose key signed the message: it counts whatever certificate the message brings for that key. */
function listedRa({ raSigners }: Alias, signer: Certificate): Certificate | undefined {
  if (raSigners.length === 0) return undefined;
  const same = raSigners.filter(({ publicKey }) => publicKey.equals(signer.publicKey));
  // Of several for one key, as after a renewal, the one that ends last.
  return same.sort((a, b) => b.notAfter.getTime() - a.notAfter.getTime())[0];
}

/** @throws ServiceError for an RA whose time is over or has not come, and for a renewal, which an RA has none of */
function checkRa({ name }: Alias, type: RequestReading['messageType'], listed: Certificate, now: Date): void {
  const { notBefore, notAfter } = listed;
  if (now < notBefore || now > notAfter)
    throw new ServiceError('request-refused', 'the certificate of the RA that signed the request is not valid now', {
      rule: 'ra.signers.validity',
      explanation: `the certificate that ra.signers of alias ${name} lists is valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}: list its successor`,
    });
  if (type === 'RenewalReq')
    throw refused(
      'ra.signers.renewal',
      'an RA renews nothing: send the request for the device as a PKCSReq',
      `the RenewalReq is signed by a certificate that ra.signers of alias ${name} lists`,
    );
}

/** A certificate whose names cannot be read is nobody's but its maker's. */
function isSelfIssued(certificate: Certificate): boolean {
  try {
    return certificate.isSelfIssued;
  } catch (error) {
    if (error instanceof DerError) return true;
    throw error;
  }
}
