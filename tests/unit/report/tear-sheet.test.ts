import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { PerpsBotError } from '#src/domain/errors.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import {
  digitsFor,
  duration,
  exactMoney,
  figure,
  gain,
  money,
  percent,
  signedPercent,
} from '#src/report/page/format.js';
import { html, raw, table } from '#src/report/page/html.js';
import { logTicks, numberTicks, timeTicks } from '#src/report/page/scale.js';
import { PALETTE } from '#src/report/page/style.js';
import { barChart, envelope, lineChart, scatterChart, thin, type ChartPoint } from '#src/report/page/svg.js';
import { parseRun } from '#src/report/run-record.js';
import { tearSheet } from '#src/report/tear-sheet.js';
import { DAY, sampleRun, START, tradeRow } from './sample-run.js';

const page = (changes: Parameters<typeof sampleRun>[0] = {}): string =>
  tearSheet(sampleRun(changes), new SeededRandom());
const textOf = (markup: string): string =>
  markup
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the tear sheet', () => {
  it('needs nothing but itself: no address, no outside style, script or picture, and a policy that forbids them', () => {
    const text = page();
    expect(text).not.toMatch(/https?:|\bsrc=|<link|@import|url\(/);
    expect(text).toContain("default-src 'none'");
  });

  it('has every block', () => {
    const text = page();
    for (const id of [
      'findings',
      'trust',
      'returns',
      'drawdown',
      'perpetuals',
      'trades',
      'execution',
      'risk',
      'robustness',
      'reproduction',
    ])
      expect(text).toContain(`<section id="${id}"`);
  });

  it('gives every chart a table that says the same', () => {
    const figures = page()
      .split('<figure>')
      .slice(1)
      .map((each) => each.split('</figure>')[0] ?? '');
    expect(figures.length).toBeGreaterThan(12);
    const without = figures
      .filter((each) => !/<details><summary>.*<table/s.test(each))
      .map((each) => /<strong>(.*?)<\/strong>/.exec(each)?.[1]);
    expect(without).toEqual([]);
  });

  it('shows money to the last digit where it is listed', () => {
    const trades = [tradeRow(1, '0.00000001'), tradeRow(2, '-1234567.12345678')];
    const text = textOf(
      page({
        record: { trades },
        result: { pnl: { price: '90071992.54740991', fees: '0', funding: '0', net: '90071992.54740991' } },
      }),
    );
    for (const amount of ['0.00000001', '−1,234,567.12345678', '90,071,992.54740991']) expect(text).toContain(amount);
  });

  it('lets no name of the data become markup or script', () => {
    const evil = '</script><img src=x onerror=alert(1)>"\'&';
    const text = page({
      result: { symbol: evil, strategy: evil },
      record: { trades: [tradeRow(1, '1', { exitReason: evil })] },
      origin: { command: evil },
    });
    expect(text).not.toContain('<img');
    expect(text.match(/<script>/g)).toHaveLength(1);
    expect(text).toContain('&lt;/script&gt;&lt;img');
  });

  it('is the same page for the same run', () => {
    expect(page()).toBe(page());
  });

  it('stays below two megabytes with thousands of trades and years of days, and says what it leaves out', () => {
    const trades = Array.from({ length: 20_000 }, (_unused, index) =>
      tradeRow(index + 1, '1.23456789', { exitReason: 'Trailing stop hit: peak 50000 stop 49000 mark 48990' }),
    );
    const base = sampleRun().record;
    const days = Array.from({ length: 3_000 }, (_unused, index) => ({
      ...base.days[0]!,
      day: new Date(START + index * DAY).toISOString().slice(0, 10),
      close: String(10_000 + index),
    }));
    const at = Array.from({ length: 4_096 }, (_unused, index) => START + index * DAY);
    const series = at.map((_at, index) => 1e12 + index * 1e7);
    const samples = {
      every: 64,
      at,
      equity: series,
      low: series,
      high: series,
      mark: series,
      lots: series,
      gross: series,
      net: series,
      leverage: series,
      margin: series,
      distance: series,
      divergence: series,
    };
    const text = page({ record: { trades, days, samples } });
    expect(text.length).toBeLessThan(2_000_000);
    expect(text).toContain('The last 1500 of 20000');
  });

  it('is a page for a run without a trade, a day or a sample', () => {
    const none: number[] = [];
    const text = page({
      record: {
        trades: [],
        fills: [],
        days: [],
        orders: null,
        samples: {
          every: 1,
          at: none,
          equity: none,
          low: none,
          high: none,
          mark: none,
          lots: none,
          gross: none,
          net: none,
          leverage: none,
          margin: none,
          distance: none,
          divergence: none,
        },
        returns: { count: 0, mean: null, deviation: null, skewness: null, kurtosis: null },
      },
      result: { rejects: null, trades: 0, fills: 0 },
    });
    expect(text).toContain('There was no trade.');
    expect(textOf(text)).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('prints no NaN, undefined or object where a number is not known', () => {
    expect(textOf(page())).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('reads at a contrast of 4.5 to 1 in both themes, and draws at 3 to 1', () => {
    for (const theme of Object.values(PALETTE)) {
      for (const ground of [theme.paper, theme.panel]) {
        for (const name of ['ink', 'quiet', 'gain', 'loss', 'alarm', 'caution', 'good'] as const)
          expect([name, ground, contrast(theme[name], ground) >= 4.5]).toEqual([name, ground, true]);
        for (const name of ['one', 'two', 'three', 'four'] as const)
          expect([name, ground, contrast(theme[name], ground) >= 3]).toEqual([name, ground, true]);
      }
    }
  });

  it('shows stress runs beside the run, and names the command where they were not made', () => {
    const without = textOf(page());
    expect(without).toContain('perpsbot backtest --report … --stress');
    expect(without).toContain('perpsbot monte-carlo --method bars');
    const result = {
      net: '-12.5',
      equity: '9987.5',
      maxDrawdown: '0.2',
      sharpe: null,
      fills: 7,
      liquidations: 1,
      traceHash: 'a',
    };
    const stressed = textOf(
      page({
        stress: [
          { name: 'delay', what: 'Orders reach the venue 60 s later', result },
          { name: 'costs', what: 'Costs times 2', failed: 'no such fee' },
        ],
      }),
    );
    expect(stressed).toMatch(/Orders reach the venue 60 s later −12\.5 −0\.13 % 20\.00 % – 7 1/);
    expect(stressed).toContain('not run: no such fee');
    expect(stressed).not.toContain('--stress');
  });

  it('shows how far the mark went from the last price, where the data has both', () => {
    const base = sampleRun().record.samples;
    const text = page({
      record: {
        samples: {
          ...base,
          divergence: base.at.map((_at, index) => (index === 3 ? 0.0025 : index === 5 ? null : 0.0001)),
        },
      },
    });
    expect(textOf(text)).toContain('Largest distance in basis points; at most 25.0.');
    expect(textOf(page())).toContain('the data has no mark of its own');
  });

  it('keeps the labels of an axis within its plot, so that the page is no wider than its paper', () => {
    const day = 86_400_000;
    const drawn = lineChart(
      [
        {
          name: 'x',
          points: [
            [START, 1],
            [START + 31.02 * day, 2],
          ],
          look: 1,
        },
      ],
      { time: true, y: String },
    ).text;
    const labels = [...drawn.matchAll(/<span style="([^"]*)">\d\d-\d\d</g)].map((match) => match[1] ?? '');
    expect(labels.length).toBeGreaterThan(2);
    for (const label of labels)
      expect(label).toMatch(/^(left:(?:[89]|[1-8]\d|9[0-2])(\.\d+)?%|(right|left):0;transform:none)$/);
    expect(labels.at(-1)).toBe('right:0;transform:none');
  });

  it('names the command and the hashes that give it again', () => {
    const text = textOf(page());
    for (const part of [
      'perpsbot backtest --data bars.csv',
      'f00d',
      'c0ffee',
      'abcdef0123456789abcdef',
      '0.1.0, Node 20',
    ])
      expect(text).toContain(part);
  });
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

describe('a saved run', () => {
  it('comes back as it was', () => {
    const run = sampleRun();
    expect(parseRun(JSON.stringify(run), 'run.json')).toEqual(JSON.parse(JSON.stringify(run)));
  });

  it('is refused when it is no run, damaged, or of a later version', () => {
    const run = sampleRun();
    const broken: readonly (readonly [string, RegExp])[] = [
      ['{', /must be JSON/],
      ['null', /must begin with "format"/],
      ['{"format":"other"}', /must begin with "format"/],
      [JSON.stringify({ ...run, version: 2 }), /must be of version 1, was 2/],
      [JSON.stringify({ ...run, record: undefined }), /must hold record/],
      [
        JSON.stringify({ ...run, record: { ...run.record, samples: { ...run.record.samples, mark: [] } } }),
        /of one length/,
      ],
    ];
    for (const [text, message] of broken) {
      expect(() => parseRun(text, 'run.json')).toThrow(message);
      expect(PerpsBotError.is(thrown(() => parseRun(text, 'run.json')))).toBe(true);
    }
  });
});

function thrown(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe('the drawing', () => {
  it('leaves a gap where a value is not known, instead of a line through it', () => {
    const drawn = lineChart(
      [
        {
          name: 'a',
          points: [
            [0, 1],
            [1, 2],
            [2, null],
            [3, 1],
            [4, 2],
          ],
          look: 1,
        },
      ],
      { y: String },
    ).text;
    expect(/class="line s1" d="([^"]*)"/.exec(drawn)?.[1]?.match(/M/g)).toHaveLength(2);
  });

  it('keeps lows and highs when there are more points than places', () => {
    const points = Array.from({ length: 10_000 }, (_unused, index): ChartPoint => [
      index,
      index === 1_234 ? -5 : index === 8_765 ? 9 : 1,
    ]);
    const kept = thin(points);
    expect(kept.length).toBeLessThanOrEqual(1_001);
    expect(kept.map(([, y]) => y)).toEqual(expect.arrayContaining([-5, 9]));
    expect(envelope(points, 'most', 10).map(([, y]) => y)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 9, 1]);
  });

  it('draws bars from zero, down for losses, and says each value', () => {
    const drawn = barChart(
      [
        { label: 'Mon', value: 4 },
        { label: '<Tue>', value: -2 },
      ],
      String,
    ).text;
    expect(drawn.match(/class="(up|down)"/g)).toEqual(['class="up"', 'class="down"']);
    expect(drawn).toContain('<title>&lt;Tue&gt;: -2</title>');
  });

  it('tells two kinds of points apart by shape as well as colour', () => {
    const drawn = scatterChart(
      [
        { name: 'a', points: [[0, 0]], look: 1 },
        { name: 'b', points: [[1, 1]], look: 2 },
      ],
      { y: String },
    ).text;
    expect(drawn).toMatch(/class="dots d1".*class="dots d2"/s);
  });

  it('has round ticks', () => {
    expect(numberTicks(0, 1)).toEqual([0, 0.2, 0.4, expect.closeTo(0.6, 12), 0.8, 1]);
    expect(numberTicks(5, 5)).toEqual([5]);
    expect(logTicks(1, 1_000)).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]);
    expect(timeTicks(START, START + DAY).map(({ label }) => label)).toEqual([
      '01-01',
      '06:00',
      '12:00',
      '18:00',
      '01-02',
    ]);
    expect(timeTicks(START, START + 400 * DAY).map(({ label }) => label)).toEqual([
      '2024-01',
      '2024-04',
      '2024-07',
      '2024-10',
      '2025-01',
    ]);
  });
});

describe('the texts', () => {
  it('writes figures for people', () => {
    expect([money('1234.5'), money('-0.001'), money('12', true), exactMoney('-1234.56789')]).toEqual([
      '1,234.50',
      '0.00',
      '+12.00',
      '−1,234.56789',
    ]);
    expect([
      figure(-1_234.567),
      figure(NaN),
      figure(Infinity),
      figure(-0.001),
      percent(0.1234),
      percent(null),
      signedPercent(0.00001),
      signedPercent(0.02),
    ]).toEqual(['−1,234.57', 'not known', '∞', '0.00', '12.34 %', 'not known', '0.00 %', '+2.00 %']);
    expect([duration(0), duration(90_000), duration(3 * DAY + 7_200_000), duration(250)]).toEqual([
      '0 s',
      '1 min 30 s',
      '3 d 2 h',
      '250 ms',
    ]);
    expect([digitsFor(0.05), digitsFor(1), digitsFor(200), digitsFor(NaN)]).toEqual([2, 0, 0, 0]);
  });

  it('marks gains and losses by sign and class, not by colour alone', () => {
    expect([gain('1').text, gain('-1').text, gain('0').text]).toEqual([
      '<span class="gain">+1</span>',
      '<span class="loss">−1</span>',
      '<span class="flat">0</span>',
    ]);
  });

  it('escapes every part that is not markup already', () => {
    expect(html`<p>${'<b>'}${raw('<i></i>')}${[1, null, '&']}</p>`.text).toBe('<p>&lt;b&gt;<i></i>1&amp;</p>');
    expect(table(['a', 'b'], [['<', null]], { right: [1] }).text).toContain('<td>&lt;</td><td class="n">–</td>');
  });
});
