import { defineStrategy, Indicator, type IndicatorBar } from 'perpsbot';

// #region indicator
/** Bars in a row that closed higher. */
class RisingBars extends Indicator {
  private before = Number.NaN;
  private count = 0;

  constructor() {
    super('risingBars()', 2);
  }

  update({ close }: IndicatorBar): void {
    if (!Number.isFinite(close)) {
      this.reset();
      return;
    }
    this.seen += 1;
    this.count = close > this.before ? this.count + 1 : 0;
    this.before = close;
    this.emit(this.count);
  }

  protected clear(): void {
    this.before = Number.NaN;
    this.count = 0;
  }
}

export const threeInARow = defineStrategy({
  name: 'three-in-a-row',
  setup: ({ ind }) => ({ rising: ind.use(new RisingBars()) }),
  onBar({ bar, position, long }, { rising }) {
    if (position.isFlat && rising.value >= 3) long({ why: 'three rising bars', stop: bar.low, fraction: '5%' });
  },
});
// #endregion
