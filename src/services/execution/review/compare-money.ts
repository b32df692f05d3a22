import { readBalances } from '../../../border/positions.js';
import { Decimal, ZERO } from '../../../domain/decimal.js';
import { inTime } from '../../../flow/in-time.js';
import { isBeyondRounding, walletOf } from '../reconcile/wallet.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { ComparisonPorts, Findings } from './findings.js';

/** The collateral that the venue names against the books; nothing before the books know what they began with. */
export async function compareMoney(ports: ComparisonPorts, findings: Findings): Promise<void> {
  const { account, config, portfolio } = ports;
  if (portfolio.ledger.deposits === 0) return;
  const { collateral } = config.current.execution;
  const told = readBalances(await inTime(() => account.listBalances(), ports), collateral);
  const theirs = told.reduce((total, balance) => total.plus(balance.total), ZERO);
  const ours = walletOf(portfolio, paidElsewhere(ports));
  if (told.length > 0 && !isBeyondRounding(theirs.minus(ours), ours)) return;
  const held = told.length === 0 ? null : theirs.toString();
  findings.differ({ what: 'balance', of: collateral.join('+'), believed: ours.toString(), held });
}

/** Fees that were taken from another wallet than the one that is compared. */
function paidElsewhere({ events, catalogue }: ComparisonPorts): Decimal {
  let total = ZERO;
  for (const { payload } of events.fold(FOLDS.accountHistory)) {
    const { symbol, fees, fee } = payload;
    if (!Array.isArray(fees) || typeof symbol !== 'string' || typeof fee !== 'string') continue;
    const spec = catalogue.find(symbol)?.spec;
    const isElsewhere = fees.some((each: unknown) => {
      const asset = (each as { readonly asset?: unknown } | null)?.asset;
      return asset !== spec?.settle && !(spec?.kind === 'spot' && asset === spec.base);
    });
    if (isElsewhere) total = total.plus(new Decimal(fee));
  }
  return total;
}
