import { Decimal, ZERO } from '../../domain/decimal.js';
import type { Analysis } from '../analysis.js';
import { digitsFor, figure, gain, minute, percent } from './format.js';
import { facts, html, note, section, table, type Cell, type Html } from './html.js';
import { instrumentsPart } from './instruments.js';
import { barChart, chart, envelope, lineChart, type ChartPoint } from './svg.js';

const UNITS = 1e8;
const MOST_ROWS = 400;

interface FundingRow {
  readonly ts: string;
  readonly tsMs: number;
  readonly rate: string | null;
  readonly mark: string;
  readonly quantity: string;
  readonly amount: string | null;
}

/** What only perpetuals have: funding, leverage, margin, and how near liquidation was. */
export function perpetualsSection(analysis: Analysis): Html {
  return section(
    'perpetuals',
    'Funding, leverage and margin',
    fundingPart(analysis),
    costsPart(analysis),
    html`<div class="grid">${leverageChart(analysis)}${exposureChart(analysis)}${marginChart(analysis)}${distanceChart(analysis)}</div>`,
    instrumentsPart(analysis),
    eventsPart(analysis),
    divergencePart(analysis),
  );
}

const fundingRows = ({ run }: Analysis): readonly FundingRow[] =>
  run.result.fundings as unknown as readonly FundingRow[];

function fundingPart(analysis: Analysis): Html {
  const rows = fundingRows(analysis);
  if (rows.length === 0)
    return note('No funding: either the data has no stamp within the run, or no funding file was given.');
  const amounts = rows.map((row) => new Decimal(row.amount ?? 0));
  const paid = amounts.reduce((sum, amount) => (amount.isNegative() ? sum.plus(amount) : sum), ZERO);
  const received = amounts.reduce((sum, amount) => (amount.isPositive() ? sum.plus(amount) : sum), ZERO);
  const { net } = analysis;
  let sum = ZERO;
  const points = rows.map((row, index): ChartPoint => [
    row.tsMs,
    (sum = sum.plus(amounts[index] as Decimal)).toNumber(),
  ]);
  const step = Math.ceil(rows.length / MOST_ROWS);
  const data = table(
    ['Stamp', 'Rate', 'Mark', 'Position', 'Amount'],
    rows
      .filter((_row, index) => index % step === 0)
      .map((row): Cell[] => [
        minute(row.tsMs),
        row.rate ?? 'not known',
        row.mark,
        row.quantity,
        row.amount === null ? 'not paid' : gain(row.amount),
      ]),
    { right: [1, 2, 3, 4] },
  );
  return html`${facts([
    ['Funding paid', gain(paid)],
    ['Funding received', gain(received)],
    ['Funding net', gain(paid.plus(received))],
    [
      'Share of net profit',
      net.gt(0) ? percent(paid.plus(received).div(net).toNumber(), 1) : 'there was no net profit',
    ],
    ['Stamps', `${rows.length}, ${rows.filter((row) => row.quantity !== '0').length} with a position`],
  ])}${chart('Funding, added up', 'Below zero more was paid than received.', lineChart([{ name: 'Funding', points: [[Date.parse(analysis.run.result.from), 0], ...points], look: 4, area: true }], { time: true, zero: true, y: (value, step) => figure(value, digitsFor(step)) }), data)}`;
}

function costsPart({ execution, net }: Analysis): Html {
  const { makerFees, takerFees, turnover } = execution;
  const fees = makerFees.plus(takerFees);
  return facts([
    ['Fees as maker', gain(makerFees)],
    ['Fees as taker', gain(takerFees)],
    [
      'Fees per amount traded',
      turnover.isZero() ? null : `${figure(fees.neg().div(turnover).times(10_000).toNumber(), 2)} bps`,
    ],
    [
      'Fees against gross profit',
      net.minus(fees).gt(0) ? percent(fees.neg().div(net.minus(fees)).toNumber(), 1) : 'there was no gross profit',
    ],
  ]);
}

function leverageChart({ run }: Analysis): Html {
  const { samples, days } = run.record;
  const points = samples.at.map((at, i): ChartPoint => [at, samples.leverage[i] as number]);
  return chart(
    'Leverage',
    'Sum of positions over equity, at its highest.',
    lineChart([{ name: 'Leverage', points: envelope(points, 'most'), look: 1, area: true }], {
      time: true,
      zero: true,
      y: (value, step) => `${figure(value, digitsFor(step))}×`,
    }),
    table(
      ['Day', 'Highest leverage'],
      limited(days).map((day) => [day.day, `${figure(day.leverage, 2)}×`]),
      { right: [1] },
    ),
  );
}

function exposureChart({ run }: Analysis): Html {
  const { samples } = run.record;
  const points = (values: readonly number[]): ChartPoint[] =>
    samples.at.map((at, i): ChartPoint => [at, (values[i] as number) / UNITS]);
  const step = Math.ceil(samples.at.length / MOST_ROWS) || 1;
  const rows = samples.at.flatMap((at, i): Cell[][] =>
    i % step === 0
      ? [[minute(at), figure((samples.gross[i] as number) / UNITS), figure((samples.net[i] as number) / UNITS)]]
      : [],
  );
  const net = points(samples.net);
  const lines = [
    { name: 'Gross, highest', points: envelope(points(samples.gross), 'most'), look: 1 },
    { name: 'Net, highest', points: envelope(net, 'most'), look: 3 },
    { name: 'Net, lowest', points: envelope(net, 'least'), look: 2 },
  ] as const;
  return chart(
    'Exposure',
    'Gross is the sum of positions, net their signed sum: below zero is short.',
    lineChart(lines, { time: true, zero: true, y: (value, step) => figure(value, digitsFor(step)) }),
    table(['Time', 'Gross', 'Net'], rows, { right: [1, 2] }),
  );
}

function marginChart({ run }: Analysis): Html {
  const { samples, days } = run.record;
  const points = samples.at.map((at, i): ChartPoint => [at, samples.margin[i] as number]);
  return chart(
    'Margin use',
    'Maintenance margin as a share of equity; at 100 % the venue liquidates.',
    lineChart([{ name: 'Margin use', points: envelope(points, 'most'), look: 4, area: true }], {
      time: true,
      zero: true,
      y: (value, step) => percent(value, digitsFor(step * 100)),
    }),
    table(
      ['Day', 'Highest margin use'],
      limited(days).map((day) => [day.day, percent(day.margin)]),
      { right: [1] },
    ),
  );
}

function distanceChart({ run }: Analysis): Html {
  const known = run.record.days.filter((day) => day.distance !== null);
  if (known.length === 0)
    return html`<div><h3>Distance to liquidation</h3>${note('Not known: the venue named no liquidation price, because nothing was held or no price above zero would have liquidated.')}</div>`;
  const bars = limited(known).map((day) => ({ label: day.day.slice(5), value: day.distance ?? 0 }));
  return chart(
    'Distance to liquidation',
    'Smallest of each day, as a share of the mark. Days without a liquidation price are left out.',
    barChart(bars, (value, step) => percent(value, digitsFor(step * 100))),
    table(
      ['Day', 'Smallest distance'],
      limited(known).map((day) => [day.day, percent(day.distance)]),
      { right: [1] },
    ),
  );
}

function eventsPart({ run }: Analysis): Html {
  const events = run.record.events;
  const forced = events.filter(({ what }) => what !== 'safety');
  return html`<h3>Liquidations and other forced events</h3>${
    forced.length === 0
      ? note(`None. ${run.result.liquidations === 0 ? 'The venue liquidated nothing.' : ''}`)
      : table(
          ['Time', 'Event', 'What happened'],
          forced.map((event) => [minute(event.at), event.what, event.detail]),
        )
  }`;
}

function divergencePart({ run }: Analysis): Html {
  const { samples } = run.record;
  if (samples.divergence.every((value) => value === null))
    return html`<h3>Mark against last price</h3>${note('Not known: the data has no mark of its own, so the last price is the mark.')}`;
  const points = samples.divergence.map((value, i): ChartPoint => [
    samples.at[i] ?? 0,
    value === null ? null : value * 1e4,
  ]);
  const step = Math.ceil(points.length / MOST_ROWS) || 1;
  const rows = points.flatMap(([at, value], index): Cell[][] =>
    index % step === 0 ? [[minute(at), value === null ? 'not known' : figure(value, 1)]] : [],
  );
  const largest = samples.divergence.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return chart(
    'Mark against last price',
    `Largest distance in basis points; at most ${figure(largest * 1e4, 1)}. Liquidation goes by the mark.`,
    lineChart([{ name: 'Distance', points, look: 3 }], {
      time: true,
      zero: true,
      y: (value, tick) => `${figure(value, digitsFor(tick))} bps`,
    }),
    table(['Time', 'Basis points'], rows, { right: [1] }),
  );
}

const limited = <Row>(rows: readonly Row[]): readonly Row[] =>
  rows.filter((_row, index) => index % Math.max(1, Math.ceil(rows.length / MOST_ROWS)) === 0);
