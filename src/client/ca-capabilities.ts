import type { CipherName } from '../pki/cms/content-cipher';
import type { DigestName } from '../pki/x509/digest-name';

/** What a server says of itself by GetCACaps (RFC 8894 section 3.5.2). */
export class CaCapabilities {
  private constructor(
    /** The keywords in their order, as they were spelled. */
    readonly keywords: readonly string[],
  ) {}

  /** Reads the body: one keyword a line, ended by LF or CRLF. */
  static read(body: Buffer): CaCapabilities {
    const lines = body.toString('latin1').split(/\r?\n/);
    return new CaCapabilities(lines.map((line) => line.trim()).filter((line) => line !== ''));
  }

  /** Whether the server names this keyword; SCEPStandard stands for AES, POSTPKIOperation and SHA-256. */
  has(keyword: string): boolean {
    const standard = ['AES', 'POSTPKIOperation', 'SHA-256'].includes(keyword) && this.keywords.includes('SCEPStandard');
    return standard || this.keywords.includes(keyword);
  }

  /** The digest to use: SHA-256 before its longer kin, as RFC 8894 section 3.5.2 prefers. */
  get digest(): DigestName {
    if (this.has('SHA-256')) return 'sha256';
    if (this.has('SHA-512')) return 'sha512';
    return 'sha1';
  }

  /** The cipher to use. A server that names none still takes Triple DES; single DES is never chosen. */
  get cipher(): CipherName {
    return this.has('AES') ? 'aes128' : '3des';
  }

  /** Whether messages may be sent by POST. */
  get post(): boolean {
    return this.has('POSTPKIOperation');
  }
}
