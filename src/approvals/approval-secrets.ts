import { Injectable } from '@nestjs/common';
import { KeyEncryptionKey } from '../keys/key-encryption-key';

const context = (approvalId: string): string => `approvals/${approvalId}/challenge-password`;

/**
 * The challengePassword of a request that waits, where its answer will be encrypted under it (RFC 8894 section 3.1: keys
 * that cannot encrypt). It is bound to the row, and gone once the request is rejected or has expired; after a yes it is
 * kept for as long as the certificate answers polls.
 */
@Injectable()
export class ApprovalSecrets {
  constructor(private readonly keyEncryptionKey: KeyEncryptionKey) {}

  /** Seals a password for the approval with this id. */
  seal(approvalId: string, challengePassword: string): Buffer {
    const plaintext = Buffer.from(challengePassword, 'utf8');
    const sealed = this.keyEncryptionKey.seal(plaintext, context(approvalId));
    plaintext.fill(0);
    return sealed;
  }

  /**
   * The password that was sealed for the approval with this id.
   * @throws ServiceError `internal` when it was sealed for another one, or under a key that is not there
   */
  open(approvalId: string, sealed: Buffer): string {
    const plaintext = this.keyEncryptionKey.open(sealed, context(approvalId));
    const challengePassword = plaintext.toString('utf8');
    plaintext.fill(0);
    return challengePassword;
  }
}
