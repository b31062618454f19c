import { constantTimeEqual, sha256 } from '../common/digest';
import type { Config } from '../config/environment';

/** How the first administrator is called in the audit log. */
export const FIRST_ADMINISTRATOR = 'administrator';

/** The token of the first administrator, for all doors that take it. */
export class AdministratorToken {
  private readonly hash: Buffer | undefined;

  constructor({ adminToken }: Pick<Config, 'adminToken'>) {
    // Compared by hash: neither length nor content of the token shows in the time that takes.
    this.hash = adminToken === undefined ? undefined : sha256(adminToken);
  }

  /** Whether this is the token. */
  isRight(token: string): boolean {
    return this.hash !== undefined && constantTimeEqual(sha256(token), this.hash);
  }
}
