import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDepthEvent, readMarkEvent } from '#src/border/market-events.js';
import { isUnreadable } from '#src/border/reading.js';
import {
  depthFrame,
  frameOf,
  markFrame,
  tickerFrame,
  tradeFrame,
  type UsdmFrame,
} from '#src/venues/binance-usdm/streams/frames.js';

const NOW = 1_800_000_000_000;
/** As the venue documents them, newest keys included. */
const FRAMES = {
  depthUpdate: {
    ...{ e: 'depthUpdate', E: NOW, T: NOW, s: 'BTCUSDT', ps: 'BTCUSDT', st: 1, U: 157, u: 160, pu: 149 },
    b: [['68930.0', '1.2']],
    a: [['68930.1', '0']],
  },
  bookTicker: { e: 'bookTicker', u: 4009, E: NOW, T: NOW, s: 'BTCUSDT', b: '68930.0', B: '3', a: '68930.1', A: '4' },
  markPriceUpdate: {
    ...{ e: 'markPriceUpdate', E: NOW, s: 'BTCUSDT', p: '68931.15', i: '68925.02', P: '68926.0' },
    ...{ r: '0.00010000', T: NOW, ap: '68931.0' },
  },
  aggTrade: { e: 'aggTrade', E: NOW, s: 'BTCUSDT', a: 59, p: '68930.1', q: '0.1', f: 100, l: 105, T: NOW, m: true },
} as const;
type Name = keyof typeof FRAMES;

const READ: Readonly<Record<Name, (frame: UsdmFrame) => unknown>> = {
  depthUpdate: (frame) => readDepthEvent(depthFrame(frame), NOW),
  bookTicker: (frame) => tickerFrame(frame).event,
  markPriceUpdate: (frame) => readMarkEvent(markFrame(frame), NOW),
  aggTrade: (frame) => tradeFrame(frame).event,
};
const read = (name: Name, data: object): unknown => {
  const frame = frameOf(JSON.stringify({ stream: 'x', data }));
  return frame === undefined ? undefined : READ[name](frame);
};

/** Fields that what is told is made of. */
const NEEDED: Readonly<Record<Name, readonly string[]>> = {
  depthUpdate: ['s', 'T', 'U', 'u', 'pu', 'b', 'a'],
  bookTicker: ['s', 'T', 'u', 'b', 'B', 'a', 'A'],
  markPriceUpdate: ['s', 'E', 'p'],
  aggTrade: ['s', 'T', 'a', 'p', 'q', 'm'],
};

describe('frames of Binance USD-M', () => {
  it('say what they say', () => {
    expect(read('aggTrade', FRAMES.aggTrade)).toMatchObject({ symbol: 'BTCUSDT', side: 'sell', at: NOW });
    expect(read('depthUpdate', FRAMES.depthUpdate)).toMatchObject({
      sequence: { first: 157, last: 160, previous: 149 },
    });
    expect(frameOf('{"result":null,"id":1}')).toBeUndefined();
  });

  it.each(Object.keys(FRAMES) as Name[])(
    'are read as they are or not at all, whatever is wrong with them: %s',
    (name) => {
      const whole = FRAMES[name];
      const told = JSON.stringify(read(name, whole));
      const wrong = fc.constantFrom<unknown>(
        null,
        '',
        'x',
        'NaN',
        '1e5',
        ' 1',
        -1,
        0.5,
        68_930.1,
        true,
        [],
        {},
        [['1']],
        undefined,
      );
      fc.assert(
        fc.property(fc.constantFrom(...NEEDED[name]), wrong, (field, value) => {
          const data: Record<string, unknown> = { ...whole, more: 1 };
          if (value === undefined) delete data[field];
          else data[field] = value;
          try {
            const result = JSON.stringify(read(name, data));
            // An empty list of levels is one; a flag may be the other one; text may be another symbol.
            const mayDiffer =
              (Array.isArray(value) && value.length === 0 && (field === 'a' || field === 'b')) ||
              (field === 'm' && value === true) ||
              field === 's';
            if (!mayDiffer) expect(result).toBe(told);
          } catch (error) {
            expect(isUnreadable(error)).toBe(true);
          }
        }),
        { numRuns: 300 },
      );
    },
  );
});
