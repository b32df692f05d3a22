import { Decimal } from '../../domain/decimal.js';
import type { Analysis } from '../analysis.js';
import { BAND_QUANTILES, type TradeSimulation } from '../../research/statistics/monte-carlo.js';
import { quantile } from '../../research/statistics/moments.js';
import { digitsFor, duration, figure, gain, money, percent, plural } from './format.js';
import { facts, html, note, section, table, type Cell, type Html } from './html.js';
import { chart, lineChart, type ChartPoint } from './svg.js';

const STRESS = [1, 1.5, 2, 3];

/** How orders fared: price against decision, outcomes, refusals, gates. */
export function executionSection({ run, execution }: Analysis): Html {
  const { result, record } = run;
  const { orders } = record;
  const rejects = Object.entries(result.rejects ?? {}).sort((a, b) => b[1] - a[1]);
  const outcome = (name: string): number => orders?.outcomes[name] ?? 0;
  const sent = orders === null ? 0 : Object.values(orders.outcomes).reduce((sum, count) => sum + count, 0);
  return section(
    'execution',
    'Execution',
    facts([
      [
        'Price against decision',
        execution.measured === 0
          ? 'no fill with a decision'
          : html`${gain(execution.slippage.neg())} in ${plural(execution.measured, 'fill')}`,
      ],
      [
        'Mean cost of a fill',
        execution.measured === 0
          ? null
          : `${figure(execution.slippageBps, 2)} bps; the worst ${figure(execution.slippageWorst, 1)} bps`,
      ],
      ['From decision to fill', Number.isNaN(execution.waitMedian) ? null : `median ${duration(execution.waitMedian)}`],
      ['Maker share', Number.isNaN(execution.makerShare) ? null : percent(execution.makerShare, 1)],
      ['Fill ratio', orders === null || orders.ordered === 0 ? null : percent(orders.filled / orders.ordered, 1)],
      [
        'Orders',
        orders === null
          ? null
          : `${plural(sent, 'order')}: ${
              Object.entries(orders.outcomes)
                .map(([name, count]) => `${count} ${name.replace(/_/g, ' ')}`)
                .join(', ') || 'none'
            }`,
      ],
      [
        'Cancelled to filled',
        orders === null || outcome('filled') === 0 ? null : figure(outcome('cancelled') / outcome('filled')),
      ],
      [
        'Outcome once unknown',
        orders === null
          ? null
          : orders.unknown === 0
            ? 'never'
            : `${plural(orders.unknown, 'order')}, for at most ${duration(orders.unknownMs)}`,
      ],
    ]),
    note(
      'The price of a decision is the mark at which it was made. Costs are positive in basis points and negative as money.',
    ),
    html`<div class="grid"><div><h3>Refused orders</h3>${
      result.rejects === null
        ? note('Not counted.')
        : rejects.length === 0
          ? note('None.')
          : table(
              ['Check', 'Orders'],
              rejects.map(([check, count]) => [check.replace(/_/g, ' '), count]),
              { right: [1] },
            )
    }</div><div><h3>What held trading back</h3>${
      result.held.length === 0
        ? note('No gate held.')
        : table(
            ['Gate', 'Times', 'For', 'First'],
            result.held.map((gate) => [gate.gate, gate.times, gate.held, gate.firstAt.slice(0, 16).replace('T', ' ')]),
            { right: [1, 2] },
          )
    }</div></div>`,
  );
}

/** Tail losses, ratios, and what they say about size. */
export function riskSection({ run, risk, daily }: Analysis): Html {
  const few = risk.tails.length === 0;
  const rows = (['historical', 'normal', 'cornish-fisher'] as const).flatMap((method): Cell[][] => {
    const of = (confidence: number): (typeof risk.tails)[number] | undefined =>
      risk.tails.find((tail) => tail.method === method && tail.confidence === confidence);
    return of(0.95) === undefined
      ? []
      : [
          [
            method,
            percent(of(0.95)?.valueAtRisk),
            percent(of(0.95)?.expectedShortfall),
            percent(of(0.99)?.valueAtRisk),
            percent(of(0.99)?.expectedShortfall),
          ],
        ];
  });
  const most = run.record.days.reduce((highest, day) => Math.max(highest, day.leverage), 0);
  return section(
    'risk',
    'Risk',
    few
      ? note(`Value at risk needs ten daily returns; this run has ${daily.returns.length}.`)
      : table(['Method', 'VaR 95 %', 'ES 95 %', 'VaR 99 %', 'ES 99 %'], rows, {
          right: [1, 2, 3, 4],
          caption: `Loss of one day as a share of equity, from ${daily.returns.length} daily returns. VaR: exceeded on one day in 20 (100); ES: the mean loss on such days.`,
        }),
    facts([
      ['Sortino ratio, yearly', risk.sortino === undefined ? 'needs ten days and a loss' : figure(risk.sortino)],
      ['Calmar ratio', risk.calmar === undefined ? 'needs ten days and a drawdown' : figure(risk.calmar)],
      ['Tail ratio', risk.tailRatio === undefined ? 'not known' : figure(risk.tailRatio)],
      ['Ulcer index', percent(risk.ulcer)],
      ['Beta to the instrument', risk.beta === undefined ? 'not known' : figure(risk.beta)],
      ['Highest leverage', `${figure(most, 2)}×`],
    ]),
    kellyPart(risk.kelly),
  );
}

function kellyPart(kelly: number | undefined): Html {
  if (kelly === undefined) return note('The Kelly fraction needs ten daily returns that vary.');
  if (kelly <= 0)
    return note(
      `The Kelly fraction is ${figure(kelly)}: at these returns no size would have grown, and the best bet was none.`,
    );
  return note(
    `The Kelly fraction is ${figure(kelly)}: these returns would have grown fastest at ${figure(kelly)} times the size used. It is the most a known edge supports and is estimated from the same returns; half of it or less is what a careful trader takes.`,
  );
}

/** What the result would look like with other luck, other order, other costs. */
export function robustnessSection(analysis: Analysis): Html {
  const { sharpe } = analysis;
  return section(
    'robustness',
    'Robustness',
    sharpe === undefined
      ? note('Too few returns for a probabilistic Sharpe ratio.')
      : facts([
          ['Sharpe ratio, yearly', `${figure(sharpe.ratio)} from ${sharpe.basis}`],
          ['95 % interval', `${figure(sharpe.interval.low)} to ${figure(sharpe.interval.high)}`],
          ['Probability of an edge', `${percent(sharpe.probability, 1)} (probabilistic Sharpe ratio against zero)`],
          [
            'Returns needed for 95 %',
            Number.isFinite(sharpe.needed)
              ? `${figure(Math.ceil(sharpe.needed), 0)}; there are ${figure(sharpe.sample.count, 0)}`
              : 'no number would do: the ratio is not above zero',
          ],
          ['Skewness, kurtosis', `${figure(sharpe.sample.skewness)}, ${figure(sharpe.sample.kurtosis)}`],
        ]),
    simulations(analysis),
    stress(analysis),
    rerunPart(analysis),
    html`<h3>Not run</h3>${table(
      ['Check', 'What it would say', 'Command'],
      [...(analysis.run.stress === undefined ? [STRESS_CHECK] : []), ...OTHER_CHECKS].map(([check, says, command]) => [
        check,
        says,
        html`<code>${command}</code>`,
      ]),
    )}`,
  );
}

const STRESS_CHECK = [
  'Delay and cost stress',
  'What is left when orders come a bar late, or costs double, and decisions are made again.',
  'perpsbot backtest --report … --stress',
] as const;
const OTHER_CHECKS = [
  [
    'Resampled markets',
    'How the strategy does on other paths of the same market, each run in full.',
    'perpsbot monte-carlo --method bars',
  ],
  [
    'Parameter heat map, deflated Sharpe ratio',
    'Whether neighbours of these parameters do as well, and what luck alone shows among so many trials.',
    'perpsbot optimize',
  ],
  [
    'Probability of overfitting',
    'How often the best of the trials is below the median elsewhere.',
    'perpsbot optimize',
  ],
  ['Walk-forward', 'Whether parameters chosen on the past earn on what follows.', 'perpsbot walk-forward'],
] as const;

function simulations({ reshuffled, redrawn, run, start, trades }: Analysis): Html {
  if (reshuffled === undefined || redrawn === undefined)
    return html`<h3>Monte Carlo on trades</h3>${note('Needs two closed trades.')}`;
  let equity = start.toNumber();
  const actual: ChartPoint[] = [
    [0, equity],
    ...run.record.trades
      .filter((trade) => trade.closedAt !== null)
      .map((trade, index): ChartPoint => [index + 1, (equity += Number(trade.net))]),
  ];
  const band = (quantileOf: number): ChartPoint[] =>
    (redrawn.bands[quantileOf] ?? []).map((value, place): ChartPoint => [redrawn.places[place] ?? 0, value]);
  const y = (value: number): string => figure(value, value >= 1_000 ? 0 : 2);
  const drawing = lineChart(
    [
      { name: 'As it was', points: actual, look: 2 },
      { name: 'Median', points: band(2), look: 1 },
    ],
    { y: (value, step) => figure(value, digitsFor(step)), x: (value) => figure(value, 0) },
    [
      { name: '5 to 95 %', low: band(0), high: band(4), look: 1 },
      { name: '25 to 75 %', low: band(1), high: band(3), look: 2 },
    ],
  );
  const step = Math.ceil(redrawn.places.length / 60);
  const rows = redrawn.places.flatMap((trade, place): Cell[][] =>
    place % step === 0 || trade === trades.count
      ? [[trade, y(actual[trade]?.[1] ?? NaN), ...BAND_QUANTILES.map((_q, q) => y(redrawn.bands[q]?.[place] ?? NaN))]]
      : [],
  );
  return html`${chart('Monte Carlo on trades', `Equity after each trade when ${trades.count} trades are drawn again with replacement, ${figure(redrawn.paths, 0)} times. Profits are added, not compounded.`, drawing, table(['Trade', 'As it was', '5 %', '25 %', '50 %', '75 %', '95 %'], rows, { right: [0, 1, 2, 3, 4, 5, 6] }))}${table(['', 'Drawdown 50 %', 'Drawdown 95 %', 'End 5 %', 'End 50 %', 'Ends below start', 'Loses half'], [simulationRow('Drawn again', redrawn), simulationRow('Other order', reshuffled)], { right: [1, 2, 3, 4, 5, 6] })}`;
}

const simulationRow = (name: string, simulation: TradeSimulation): Cell[] => [
  name,
  percent(quantile(simulation.drawdowns, 0.5), 1),
  percent(quantile(simulation.drawdowns, 0.95), 1),
  money(new Decimal(quantile(simulation.ends, 0.05))),
  money(new Decimal(quantile(simulation.ends, 0.5))),
  percent(simulation.lossProbability, 1),
  percent(simulation.ruinProbability, 1),
];

/**
 * The run's own fills at a multiple of their fees and of what they lost against the decision; gains stay as they were.
 */
export function stressed({ net, execution }: Analysis, factor: number): Decimal {
  const fees = execution.makerFees.plus(execution.takerFees);
  const costs = Decimal.max(0, fees.neg()).plus(Decimal.max(0, execution.slippage));
  return net.minus(costs.times(factor - 1));
}

function stress(analysis: Analysis): Html {
  const rows = STRESS.map((factor): Cell[] => {
    const net = stressed(analysis, factor);
    return [
      `${figure(factor, factor % 1 === 0 ? 0 : 1)}×`,
      gain(net),
      gain(net, percent(net.div(analysis.start).toNumber())),
    ];
  });
  return html`<h3>Cost stress on the same fills</h3>${table(['Costs', 'Net', 'Net return'], rows, { right: [1, 2], caption: 'The same fills with their fees and their cost against the decision multiplied. Decisions are not made again.' })}`;
}

/** The run made again under worse conditions, beside what it was. */
function rerunPart({ run, start }: Analysis): Html | undefined {
  if (run.stress === undefined) return undefined;
  const { pnl, maxDrawdown, sharpe, fills, liquidations } = run.result;
  const row = (
    name: string,
    was: {
      readonly net: string;
      readonly maxDrawdown: string;
      readonly sharpe: string | null;
      readonly fills: number;
      readonly liquidations: number;
    },
  ): Cell[] => {
    const net = new Decimal(was.net);
    return [
      name,
      gain(net),
      gain(net, percent(net.div(start).toNumber())),
      percent(Number(was.maxDrawdown)),
      was.sharpe === null ? null : figure(Number(was.sharpe)),
      was.fills,
      was.liquidations,
    ];
  };
  const rows = run.stress.map(({ what, result, failed }) =>
    result === undefined ? [what, `not run: ${failed ?? 'stopped'}`, null, null, null, null, null] : row(what, result),
  );
  return html`<h3>Stress, run again</h3>${table(['Run', 'Net', 'Net return', 'Drawdown', 'Sharpe', 'Fills', 'Liquidations'], [row('As it was', { net: pnl.net, maxDrawdown, sharpe: sharpe.value, fills, liquidations }), ...rows], { right: [1, 2, 3, 4, 5, 6], caption: 'Whole runs: the strategy decides again. Rebates are not doubled.' })}`;
}
