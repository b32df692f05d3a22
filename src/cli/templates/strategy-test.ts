import type { TemplateName } from './strategy-templates.js';

/** What the test of a template runs it over, and what it fills there. */
interface TemplateTest {
  readonly params: Readonly<Record<string, number>>;
  readonly timeframe: string;
  /** How many bars of a wave, for its fills and for its look-ahead, and how many a radian takes. */
  readonly wave: { readonly filled: number; readonly cut: number; readonly radian: number };
  readonly fills: readonly string[];
}

const TESTS: Readonly<Record<TemplateName, TemplateTest>> = {
  'ema-cross': {
    params: { fast: 2, slow: 5 },
    timeframe: '15m',
    wave: { filled: 60, cut: 60, radian: 6 },
    fills: ['entry buy 28.218 @91.8667 bar 33', 'exit sell 28.218 @108.8729 bar 51'],
  },
  ladder: {
    params: { fast: 2, slow: 5, atr: 3 },
    timeframe: '15m',
    wave: { filled: 60, cut: 60, radian: 6 },
    fills: [
      'entry buy 41.346 @91.8667 bar 33',
      'take_profit sell 20.673 @93.076 bar 34',
      'take_profit sell 10.336 @94.2853 bar 35',
      'take_profit sell 10.337 @96.7039 bar 36',
    ],
  },
  trailing: {
    params: { channel: 5, atr: 3 },
    timeframe: '1h',
    wave: { filled: 60, cut: 60, radian: 6 },
    fills: [
      'entry buy 19.787 @107.4018 bar 6',
      'stop sell 19.787 @107.4018 bar 14',
      'entry buy 41.346 @91.8667 bar 33',
      'stop sell 41.346 @108.184 bar 51',
    ],
  },
  // Its filter of an hour is ready after more than a day: the future is replaced once it trades.
  limits: {
    params: { size: 5, flatAdx: 90 },
    timeframe: '5m',
    wave: { filled: 333, cut: 400, radian: 3 },
    fills: [
      'entry buy 13.592 @107.0721 bar 328',
      'stop sell 13.592 @105.2328 bar 329',
      'entry buy 4.696 @101.9781 bar 330',
      'stop sell 4.696 @96.6683 bar 331',
      'entry buy 2.927 @94.0464 bar 332',
    ],
  },
  breakout: {
    params: { channel: 5, atr: 3, trail: 1 },
    timeframe: '1h',
    wave: { filled: 60, cut: 60, radian: 6 },
    fills: [
      'entry sell 62.507 @108.4147 bar 13',
      'stop buy 62.507 @90.4104 bar 30',
      'entry buy 66.317 @91.4525 bar 32',
      'stop sell 66.317 @109.5785 bar 49',
      'entry sell 72.242 @108.675 bar 51',
    ],
  },
};

/** The test of a strategy that was written from a template, in JavaScript; `file` is what Node.js runs of it. */
export function testFromTemplate(template: TemplateName, name: string, file: string): string {
  const { params, timeframe, wave, fills } = TESTS[template];
  const given = Object.entries(params).map(([key, value]) => `${key}: ${value}`);
  return `import { test } from 'node:test';
import { bars, runStrategy } from 'perpsbot/testing';
import strategy from ${quoted(`./${file}`)};

// A market that goes up and down: each bar goes from the close before to its own.
const wave = (bar) => 100 + 10 * Math.sin(bar / ${wave.radian});
const over = (count) => ({
  params: { ${given.join(', ')} },
  bars: bars.closes('${timeframe}', Array.from({ length: count }, (_, bar) => wave(bar))),
});

test(${quoted(`${name} fills what it is meant to: role, side, size, price, bar`)}, async () => {
  const run = await runStrategy(strategy, over(${wave.filled}));
  run.expectFills([
${fills.map((line) => `    '${line}',`).join('\n')}
  ]);
});

test(${quoted(`${name} decides the same when only the future is another`)}, async () => {
  const run = await runStrategy(strategy, over(${wave.cut}));
  await run.noLookAhead();
});

// What goes wrong at a venue, one run each: await run.expectSound(), await run.everyFault('unknown').
`;
}

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
