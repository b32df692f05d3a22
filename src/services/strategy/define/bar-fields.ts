/** What a bar is to whoever looks at one; how it says an unknown volume is its own. */
export interface BarFields {
  at: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** `bars`: open, high and low come from recorded bars. `marks`: they are those of the marks that were seen. */
  madeOf: 'bars' | 'marks';
}

/** Brings a kept bar to what another one is, its volume apart. */
export function showBar(kept: BarFields, bar: Readonly<BarFields>): void {
  kept.at = bar.at;
  kept.open = bar.open;
  kept.high = bar.high;
  kept.low = bar.low;
  kept.close = bar.close;
  kept.madeOf = bar.madeOf;
}
