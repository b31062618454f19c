import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CLOCK, type Clock } from '../common/clock';
import { isStorable } from '../common/storable-text';
import { Verifier } from '../keys/verifier';
import { accountNameOf } from './login-name';
import { raAccountPasswordContext } from './ra-account-password';
import { RaAccountAliasEntity, RaAccountEntity } from './ra-account.entity';

/** Somebody who has given the name and the password of an account. */
export interface RaAccountHolder {
  readonly id: number;
  readonly name: string;
  /** The aliases whose challenges it may fetch, by id. */
  readonly aliasIds: ReadonlySet<number>;
}

/** What came of a name and a password. `known` is an account's name, for the log; nothing else of what was typed is. */
export type RaAccountLoginResult =
  | { readonly holder: RaAccountHolder }
  | { readonly holder?: undefined; readonly known: string | undefined; readonly disabled: boolean };

/** Verifies against nothing when there is no such account, so that the time tells no names. */
const NOBODY = Buffer.alloc(32);

/** Tells holders of RA accounts from others. Reads the account each time: one that was just disabled is shut out at once. */
@Injectable()
export class RaAccountLogin {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly verifier: Verifier,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Notes that the account is used, if it is.
   * @param typed name, with or without a Windows domain
   */
  async attempt(typed: string, password: string): Promise<RaAccountLoginResult> {
    const name = accountNameOf(typed);
    const row = isStorable(name) ? await this.dataSource.manager.findOneBy(RaAccountEntity, { name }) : null;
    const context = raAccountPasswordContext(row?.id ?? 0);
    const isRight = this.verifier.matches(context, password, row?.passwordVerifier ?? NOBODY);
    if (row === null || !isRight || !row.enabled)
      return { known: row?.name, disabled: isRight && row?.enabled === false };
    await this.dataSource.manager.update(RaAccountEntity, { id: row.id }, { lastUsedAt: this.clock.now() });
    const links = await this.dataSource.manager.findBy(RaAccountAliasEntity, { raAccountId: row.id });
    return { holder: { id: row.id, name: row.name, aliasIds: new Set(links.map(({ aliasId }) => aliasId)) } };
  }
}
