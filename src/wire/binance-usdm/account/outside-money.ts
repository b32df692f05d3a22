import type { Decimal } from '../../../domain/decimal.js';
import { openingTransfer } from '../../../venues/simulated/brokerage/account-views.js';
import type { IncomeType } from './account-past.js';
import { accountUpdate } from './user-events.js';
import type { WireAccount } from './wire-account.js';

/** Money that is no result of trading. Of another asset than that of settlement nothing is held here. */
export function receive(account: WireAccount, type: IncomeType, amount: Decimal, other?: string): void {
  const { books, past, venue, now: at } = account;
  const asset = other ?? openingTransfer(venue)?.asset ?? 'USDT';
  if (other === undefined) books.deposit(books.unit.units(amount, 'floor'));
  past.income({ type, symbol: '', amount, asset, at });
  if (other === undefined) account.tellAccount('DEPOSIT', undefined, amount);
  else
    account.listenKeys.tell(
      accountUpdate('AUTO_EXCHANGE', at, [{ a: asset, wb: '0', cw: '0', bc: amount.toFixed() }], []),
    );
}
