import { Buffer } from 'node:buffer';
import type { Json } from '../../ports/storage/event-store.js';
import type { BacktestResult } from '../../backtest/result.js';

/** What a job leaves: the backtest's result without its lists, and equity by day, exactly. */
export interface JobResult {
  readonly [key: string]: Json;
  readonly result: { readonly [key: string]: Json | undefined } & Pick<
    BacktestResult,
    'trades' | 'fills' | 'equity' | 'pnl' | 'maxDrawdown' | 'sharpe' | 'traceHash' | 'bars' | 'from' | 'to' | 'aborted'
  >;
  /** The range that counts: warm-up before it is in `result`, and earned nothing. */
  readonly from: number;
  readonly to: number;
  /** Fills that a liquidation made. */
  readonly liquidations: number;
  /** Equity at `from` and at the last close of each UTC day, in settlement units: doubles, little-endian, base64. */
  readonly equity: string;
}

/** Lists that grow with the data: what they add up to stands in the result as well. */
export function withoutLists(result: BacktestResult): JobResult['result'] {
  const { fundings, gaps, ...rest } = result;
  return { ...rest, fundingStamps: fundings.length, missingBars: Array.isArray(gaps) ? gaps.length : 0 };
}

export const packDoubles = (values: Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

export function unpackDoubles(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  const copy = new Uint8Array(bytes);
  return new Float64Array(copy.buffer, 0, Math.floor(copy.length / Float64Array.BYTES_PER_ELEMENT));
}

/** Returns by day. The first and the last day may be parts of one. */
export function dailyReturns({ equity }: JobResult): Float64Array {
  const values = unpackDoubles(equity);
  const returns = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < returns.length; i += 1) returns[i] = (values[i + 1] as number) / (values[i] as number) - 1;
  return returns;
}
