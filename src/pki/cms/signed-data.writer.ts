import { contextConstructed, NULL, octetString, oid, sequence, setOf, unsignedInteger } from '../der/der-writer';
import { contextConstructedTag } from '../der/tag';
import { algorithmIdentifier } from '../x509/algorithm-identifier';
import type { Certificate } from '../x509/certificate';
import { digest, type DigestName, digestOid } from '../x509/digest-name';
import { Oid } from '../x509/oid';
import { signatureAlgorithm } from '../x509/signature-algorithm';
import type { SigningKey } from '../x509/signing-key';
import { attribute } from './attribute';
import { issuerAndSerialOf } from './certificate-identifier';
import { contentInfo } from './content-info';

/** A key and the certificate by which its signatures are checked. */
export interface MessageSigner {
  readonly key: SigningKey;
  readonly certificate: Certificate;
}

/** What is signed. */
export interface SignedContents {
  /** The octets of eContent, of type id-data; without them eContent is absent and the digest is over no octets. */
  readonly content?: Buffer | undefined;
  /** DER of the signed attributes besides contentType and messageDigest, in any order. */
  readonly attributes: readonly Buffer[];
  readonly signer: MessageSigner;
  readonly digest: DigestName;
  /** DER of the certificates to embed; by default the signer's alone. */
  readonly certificates?: readonly Buffer[] | undefined;
}

const VERSION_1 = unsignedInteger(1);
const NOTHING = Buffer.alloc(0);
const CONTENT_TYPE_IS_DATA = attribute(Oid.contentType, oid(Oid.data));
const RSA_ENCRYPTION = algorithmIdentifier(Oid.rsaEncryption, NULL);

/**
 * DER of a ContentInfo with SignedData, version 1, one signer, signed attributes in DER order.
 *
 * The signature algorithm of an RSA signer is written as rsaEncryption, which leaves the digest to digestAlgorithm (RFC
 * 3370 section 3.2): strongSwan up to 5.9.8 knows nothing else, and nobody objects. The parameters of the digest
 * algorithm are NULL, as OpenSSL and Bouncy Castle write them.
 */
export async function encodeSignedData(contents: SignedContents): Promise<Buffer> {
  const { content, signer } = contents;
  const digestAlgorithm = algorithmIdentifier(digestOid(contents.digest), NULL);
  const messageDigest = attribute(Oid.messageDigest, octetString(digest(contents.digest, content ?? NOTHING)));
  const signedAttributes = setOf([CONTENT_TYPE_IS_DATA, messageDigest, ...contents.attributes]);
  const signature = await signer.key.sign(contents.digest, signedAttributes);
  // What is signed has the tag of a SET, what is sent has the tag [0] (RFC 5652 section 5.4).
  const taggedAttributes = Buffer.from(signedAttributes);
  taggedAttributes[0] = contextConstructedTag(0);
  const signerInfo = sequence(
    VERSION_1,
    issuerAndSerialOf(signer.certificate),
    digestAlgorithm,
    taggedAttributes,
    signer.key.publicKey.type === 'rsa' ? RSA_ENCRYPTION : signatureAlgorithm('ec', contents.digest),
    octetString(signature),
  );
  const encapsulated =
    content === undefined
      ? sequence(oid(Oid.data))
      : sequence(oid(Oid.data), contextConstructed(0, octetString(content)));
  return contentInfo(
    Oid.signedData,
    sequence(
      VERSION_1,
      setOf([digestAlgorithm]),
      encapsulated,
      contextConstructed(0, ...(contents.certificates ?? [signer.certificate.der])),
      setOf([signerInfo]),
    ),
  );
}
