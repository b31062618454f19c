import { fromBER, type Enumerated, type Integer } from 'asn1js';
import { CertificateRevocationList } from 'pkijs';

/** What PKI.js reads in a CRL. */
export interface ReadCrl {
  readonly number: bigint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** CRLReason by serial number (lower-case hexadecimal, no leading zero octets); null where there is none. */
  readonly entries: Readonly<Record<string, number | null>>;
}

/** Reads a CRL with PKI.js. */
export function readCrl(der: Buffer): ReadCrl {
  const crl = CertificateRevocationList.fromBER(der);
  const number = crl.crlExtensions!.extensions.find(({ extnID }) => extnID === '2.5.29.20')!;
  return {
    number: (fromBER(number.extnValue.valueBlock.valueHexView).result as Integer).toBigInt(),
    thisUpdate: crl.thisUpdate.value,
    nextUpdate: crl.nextUpdate?.value,
    entries: Object.fromEntries(
      (crl.revokedCertificates ?? []).map(({ userCertificate, crlEntryExtensions }) => {
        const serial = Buffer.from(userCertificate.valueBlock.valueHexView)
          .toString('hex')
          .replace(/^(00)+/, '');
        const [reason] = crlEntryExtensions?.extensions ?? [];
        const value = reason && (fromBER(reason.extnValue.valueBlock.valueHexView).result as Enumerated);
        return [serial, value?.valueBlock.valueDec ?? null];
      }),
    ),
  };
}
