import type { Analysis } from '../analysis.js';
import type { TradeRow } from '../run-record.js';
import { groupTrades, reasonKey } from '../trade-figures.js';
import { digitsFor, duration, exactMoney, figure, gain, minute, percent, plural } from './format.js';
import { facts, html, note, section, table, type Cell, type Html } from './html.js';
import { barChart, chart, scatterChart } from './svg.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time-spans.js';

/** Rows of the list: more would make the page slow to open. The saved run holds all of them. */
const MOST_TRADES = 1_500;
/** Points of the scatter, and rows beside it. */
const MOST_POINTS = 600;
const MOST_REASONS = 12;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Round trips: figures, where the profit came from, how far each went for and against, and the list itself. */
export function tradesSection(analysis: Analysis): Html {
  const { trades } = analysis.run.record;
  if (trades.length === 0) return section('trades', 'Trades', note('There was no trade.'));
  return section(
    'trades',
    'Trades',
    figures(analysis),
    html`<div class="grid">${excursions(trades)}${holding(trades)}${byHour(trades)}${byWeekday(trades)}</div>`,
    groups(trades),
    list(trades),
  );
}

function figures({ trades }: Analysis): Html {
  const { streaks } = trades;
  return facts([
    ['Closed trades', `${trades.count}, ${trades.wins} won, ${trades.losses} lost`],
    ['Won', trades.count === 0 ? null : percent(trades.winRate, 1)],
    ['Profit factor', trades.profitFactor === undefined ? 'no loss to compare with' : figure(trades.profitFactor)],
    ['Mean win over mean loss', trades.payoff === undefined ? 'not known' : figure(trades.payoff)],
    ['Mean profit of a trade', trades.count === 0 ? null : figure(trades.expectancy)],
    ['Best trade', trades.best === undefined ? null : gain(trades.best.net)],
    ['Worst trade', trades.worst === undefined ? null : gain(trades.worst.net)],
    ['Longest streaks', `${plural(streaks.longestWins, 'win')}, ${plural(streaks.longestLosses, 'loss', 'losses')}`],
    [
      'Streak at the end',
      streaks.current === 0
        ? 'none'
        : streaks.current > 0
          ? plural(streaks.current, 'win')
          : plural(-streaks.current, 'loss', 'losses'),
    ],
    [
      'Held, median and longest',
      trades.count === 0 ? null : `${duration(trades.heldMedian)}; ${duration(trades.heldLongest)}`,
    ],
    ['Mean R-multiple', trades.meanMultiple === undefined ? 'no trade with a stop' : figure(trades.meanMultiple)],
  ]);
}

function excursions(trades: readonly TradeRow[]): Html {
  const shown = trades.filter((_trade, index) => index % Math.ceil(trades.length / MOST_POINTS) === 0);
  const points = (won: boolean): (readonly [number, number])[] =>
    shown
      .filter((trade) => Number(trade.net) > 0 === won)
      .map((trade) => [trade.adverse ?? 0, trade.favourable ?? 0] as const);
  const axis = (value: number, step: number): string => percent(value, digitsFor(step * 100));
  return chart(
    'How far for, how far against',
    `Each trade: farthest mark against it (across) and for it (up), from its average entry. From marks at the close of bars.${shown.length < trades.length ? ` ${shown.length} of ${trades.length} trades, evenly chosen.` : ''}`,
    scatterChart(
      [
        { name: 'Won (round)', points: points(true), look: 1 },
        { name: 'Lost (square)', points: points(false), look: 2 },
      ],
      { zero: true, y: axis, x: axis },
    ),
    table(
      ['Trade', 'Against', 'For', 'Net'],
      shown.map((trade) => [trade.id, percent(trade.adverse), percent(trade.favourable), gain(trade.net)]),
      { right: [0, 1, 2, 3] },
    ),
  );
}

const HOLDING = [
  [5 * MINUTE_MS, '< 5 min'],
  [30 * MINUTE_MS, '< 30 min'],
  [HOUR_MS, '< 1 h'],
  [4 * HOUR_MS, '< 4 h'],
  [12 * HOUR_MS, '< 12 h'],
  [DAY_MS, '< 1 d'],
  [7 * DAY_MS, '< 1 wk'],
  [Infinity, 'longer'],
] as const;

function holding(trades: readonly TradeRow[]): Html {
  const counts = HOLDING.map(([limit, label], index) => ({
    label,
    value: trades.filter((trade) => trade.heldMs < limit && trade.heldMs >= (HOLDING[index - 1]?.[0] ?? 0)).length,
  }));
  return chart(
    'Holding time',
    'Trades by how long their size was held, first in first out.',
    barChart(counts, (value) => figure(value, 0)),
    table(
      ['Held', 'Trades'],
      counts.map((bar) => [bar.label, bar.value]),
      { right: [1] },
    ),
  );
}

const byHour = (trades: readonly TradeRow[]): Html =>
  profitBars(
    'Profit by hour of entry',
    'UTC.',
    trades,
    Array.from({ length: 24 }, (_unused, hour) => String(hour).padStart(2, '0')),
    (trade) => new Date(trade.openedAt).getUTCHours(),
  );
const byWeekday = (trades: readonly TradeRow[]): Html =>
  profitBars(
    'Profit by weekday of entry',
    'UTC.',
    trades,
    WEEKDAYS,
    (trade) => (new Date(trade.openedAt).getUTCDay() + 6) % 7,
  );

function profitBars(
  title: string,
  hint: string,
  trades: readonly TradeRow[],
  labels: readonly string[],
  slot: (trade: TradeRow) => number,
): Html {
  const sums = new Map(groupTrades(trades, (trade) => String(slot(trade))).map((group) => [group.key, group]));
  const bars = labels.map((label, index) => ({ label, value: sums.get(String(index))?.net.toNumber() ?? 0 }));
  const rows = labels.map((label, index): Cell[] => [
    label,
    sums.get(String(index))?.count ?? 0,
    sums.has(String(index)) ? gain(sums.get(String(index))?.net ?? '0') : null,
  ]);
  return chart(
    title,
    hint,
    barChart(bars, (value, step) => figure(value, digitsFor(step))),
    table([title.split(' ')[2] ?? '', 'Trades', 'Net'], rows, { right: [1, 2] }),
  );
}

function groups(trades: readonly TradeRow[]): Html {
  const one = (title: string, key: (trade: TradeRow) => string): Html => {
    const rows = groupTrades(trades, key);
    return html`<div><h3>${title}</h3>${table(
      ['', 'Trades', 'Won', 'Net'],
      rows.slice(0, MOST_REASONS).map((row) => [row.key, row.count, percent(row.wins / row.count, 0), gain(row.net)]),
      { right: [1, 2, 3], caption: `${title}, closed trades` },
    )}</div>`;
  };
  return html`<div class="grid">${one('By symbol', (trade) => trade.symbol)}${one('By side', (trade) => trade.side)}${one('By reason of entry', (trade) => reasonKey(trade.entryReason))}${one('By reason of exit', (trade) => reasonKey(trade.exitReason))}</div>`;
}

function list(trades: readonly TradeRow[]): Html {
  const shown = trades.slice(-MOST_TRADES);
  const hasMultiple = shown.some((trade) => trade.multiple !== null);
  const several = new Set(shown.map((trade) => trade.symbol)).size > 1;
  const right = [0, 4, 5, 6, 7, 8, 9, 10, ...(hasMultiple ? [11] : [])].map((column) =>
    column > 0 && several ? column + 1 : column,
  );
  const head = [
    '#',
    'Opened',
    'Closed',
    ...(several ? ['Symbol'] : []),
    'Side',
    'Size',
    'Entry',
    'Exit',
    'Price',
    'Fees',
    'Funding',
    'Net',
    ...(hasMultiple ? ['R'] : []),
    'Exit reason',
  ];
  const rows = shown.map((trade): Cell[] => [
    trade.id,
    minute(trade.openedAt),
    trade.closedAt === null ? 'open' : minute(trade.closedAt),
    ...(several ? [trade.symbol] : []),
    trade.side,
    trade.quantity,
    trade.entry,
    trade.exit,
    exactMoney(trade.price),
    exactMoney(trade.fees),
    exactMoney(trade.funding),
    gain(trade.net),
    ...(hasMultiple ? [trade.multiple === null ? null : figure(trade.multiple)] : []),
    trade.exitReason,
  ]);
  return html`<h3 class="long">All trades</h3>${shown.length < trades.length && note(`The last ${shown.length} of ${trades.length}; the saved run (--save) holds all of them.`)}<div class="search"><label>Search <input id="trades-search" type="search" placeholder="long 2022-01-14" autocomplete="off"></label> <span id="trades-count" role="status"></span></div>${table(head, rows, { right, id: 'trades-list', caption: 'Round trips in the order of their entries. Net is price, fees and funding.' })}`;
}
