import { Decimal } from '#src/domain/decimal.js';
import { Account, signalsOf, type OracleResult } from './decimal-engine.js';
import type { OracleTerms } from './terms.js';

export interface OracleTrade {
  readonly at: number;
  readonly price: Decimal;
  readonly size: Decimal;
}

export interface TradesResult extends OracleResult {
  /** Least equity of any trade: what is owned is valued at every one. */
  readonly lowest: Decimal;
}

/**
 * The baseline strategy over public trades, in decimals and arrays alone. It decides at every multiple of `stepMs`
 * before which a new price was seen; its market order takes what each trade brings until it is filled.
 */
export function runDecimalTrades(trades: readonly OracleTrade[], terms: OracleTerms, stepMs: number): TradesResult {
  const steps = stepsOf(trades, stepMs);
  const signal = signalsOf(
    steps.map((before) => (trades[before] as OracleTrade).price),
    terms,
  );
  const account = new Account(terms);
  let step = 0;
  let lowest = account.equity(new Decimal(0));
  trades.forEach(({ at, price, size }, index) => {
    if (index > 0 && steps[step] === index - 1) {
      account.close((trades[index - 1] as OracleTrade).price, signal[step] ?? 0, step);
      step += 1;
    }
    account.open(at, price, size);
    lowest = Decimal.min(lowest, account.equity(price));
  });
  return { ...account.result(trades.at(-1)?.price ?? new Decimal(0)), lowest };
}

/** Places of the trades that are the last ones before a step. No step follows the last trade of all. */
function stepsOf(trades: readonly OracleTrade[], stepMs: number): number[] {
  const steps: number[] = [];
  for (let i = 1; i < trades.length; i += 1) {
    if (Math.floor((trades[i] as OracleTrade).at / stepMs) > Math.floor((trades[i - 1] as OracleTrade).at / stepMs))
      steps.push(i - 1);
  }
  return steps;
}
