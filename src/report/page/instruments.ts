import { Decimal, ZERO } from '../../domain/decimal.js';
import type { Analysis } from '../analysis.js';
import type { InstrumentRecord, TradeRow } from '../run-record.js';
import { digitsFor, figure, gain, minute, percent } from './format.js';
import { html, note, table, type Cell, type Html } from './html.js';
import { chart, envelope, lineChart, type ChartPoint } from './svg.js';

const UNITS = 1e8;
const MOST_ROWS = 200;
/** Instruments with a chart of their own: those with the largest positions. The table lists all of them. */
const MOST_CHARTS = 8;

/** What each of several instruments held, risked and earned; nothing where there is one. */
export function instrumentsPart({ run }: Analysis): Html | undefined {
  const { instruments, samples, trades } = run.record;
  if (instruments === undefined || instruments.length === 0) return undefined;
  const ranked = [...instruments].sort((a, b) => most(b.gross) - most(a.gross));
  const charted = ranked.slice(0, MOST_CHARTS);
  return html`<h3>By instrument</h3>${table(
    [
      'Instrument',
      'Highest exposure',
      'Largest long',
      'Largest short',
      'Highest margin use',
      'Smallest distance',
      'Trades',
      'Against',
      'For',
      'Net',
    ],
    instruments.map((each) => row(each, trades)),
    {
      right: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      caption:
        'Distance is that of the mark to the liquidation price. Against and for: the farthest that the mark went in any trade, from its average entry. Open trades are counted.',
    },
  )}<div class="grid">${charted.map((each) => instrumentChart(each, samples.at))}</div>${charted.length < ranked.length && note(`Charts of the ${charted.length} instruments with the largest positions, of ${ranked.length}.`)}`;
}

function row(record: InstrumentRecord, trades: readonly TradeRow[]): Cell[] {
  const own = trades.filter((trade) => trade.symbol === record.symbol);
  const net = own.reduce((sum, trade) => sum.plus(trade.net), ZERO);
  const sizes = record.lots.flatMap((each) => each ?? []);
  const size = (lots: number): Cell => (lots === 0 ? 'none' : new Decimal(record.step).times(lots).toString());
  return [
    record.symbol,
    figure(most(record.gross) / UNITS),
    size(most(sizes)),
    size(most(sizes.map((lots) => -lots))),
    percent(most(record.margin)),
    percent(smallest(record.distance)),
    own.length,
    own.length === 0 ? null : percent(most(own.map((trade) => trade.adverse ?? 0))),
    own.length === 0 ? null : percent(most(own.map((trade) => trade.favourable ?? 0))),
    gain(net),
  ];
}

function instrumentChart(record: InstrumentRecord, at: readonly number[]): Html {
  const net = at.map((time, i): ChartPoint => [time, (record.net[i] ?? 0) / UNITS]);
  const step = Math.ceil(at.length / MOST_ROWS) || 1;
  const price = (mark: number | null | undefined): string =>
    mark === null || mark === undefined ? 'not known' : new Decimal(record.markUnit).times(mark).toString();
  const rows = at.flatMap((time, i): Cell[][] =>
    i % step === 0
      ? [
          [
            minute(time),
            price(record.mark[i]),
            new Decimal(record.step).times(record.lots[i] ?? 0).toString(),
            figure((record.net[i] ?? 0) / UNITS),
            percent(record.margin[i]),
            percent(record.distance[i]),
          ],
        ]
      : [],
  );
  const lines = [
    { name: 'Highest', points: envelope(net, 'most'), look: 1 },
    { name: 'Lowest', points: envelope(net, 'least'), look: 2 },
  ] as const;
  return chart(
    `Position in ${record.symbol}`,
    'Value at the mark; below zero is short.',
    lineChart(lines, { time: true, zero: true, y: (value, tick) => figure(value, digitsFor(tick)) }),
    table(['Time', 'Mark', 'Size', 'Value', 'Margin use', 'Distance'], rows, { right: [1, 2, 3, 4, 5] }),
  );
}

const most = (values: readonly number[]): number => values.reduce((highest, value) => Math.max(highest, value), 0);
const smallest = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>(
    (lowest, value) => (value === null || (lowest !== null && lowest <= value) ? lowest : value),
    null,
  );
