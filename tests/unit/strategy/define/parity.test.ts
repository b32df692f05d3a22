import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { generated, inBacktest, inKit, onPaper, STRATEGIES } from '../../../support/parity.js';

/** The kit plants its faults into the very bot of the second column: once shows that it is that one. */
const IN_THE_KIT = 'ema-ladder';

// `npm run parity` takes twenty seeds of twice the bars, and recorded ones, all three ways each.
describe('the same events give the same intents', () => {
  it.each(STRATEGIES)(
    'in a backtest, on paper and in the test kit: %s',
    async (name, definition, interval, count, params) => {
      const of = generated(1, interval, count, params);
      const backtest = await inBacktest(definition, of);
      expect(await onPaper(definition, of)).toEqual(backtest);
      if (name === IN_THE_KIT) expect(await inKit(definition, of)).toEqual(backtest);
      expect(backtest.fills.length).toBeGreaterThan(2);
    },
  );
});
