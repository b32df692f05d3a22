import { DAYS_A_YEAR, type Analysis } from '../analysis.js';
import { digitsFor, duration, exactMoney, figure, minute, percent, signedPercent, unitsMoney } from './format.js';
import { facts, html, note, section, table, type Html } from './html.js';
import { profitRows } from './verdict.js';
import { barChart, chart, lineChart, type ChartLine, type ChartPoint } from './svg.js';
import { underwater } from '../../research/statistics/drawdowns.js';

const UNITS = 1e8;
const WORST = 5;
const MOST_ROWS = 400;
const BINS = 21;

/** Returns: equity against holding and cash, the calendar, the distribution, and the rolling figures. */
export function returnsSection(analysis: Analysis): Html {
  return section(
    'returns',
    'Returns',
    facts(profitRows(analysis)),
    equityChart(analysis),
    calendar(analysis),
    html`<div class="grid">${distribution(analysis)}${rollingCharts(analysis)}</div>`,
  );
}

function equityChart({ run, start }: Analysis): Html {
  const { samples } = run.record;
  const first = samples.mark.find((mark) => mark !== null) ?? null;
  const from = Date.parse(run.result.from);
  const strategy: ChartPoint[] = [[from, start.toNumber()]];
  samples.at.forEach((at, i) =>
    strategy.push(
      [at, (samples.low[i] as number) / UNITS],
      [at, (samples.high[i] as number) / UNITS],
      [at, (samples.equity[i] as number) / UNITS],
    ),
  );
  const held = samples.mark.map((mark, i): ChartPoint => [
    samples.at[i] ?? 0,
    first === null || mark === null ? null : (start.toNumber() * mark) / first,
  ]);
  const lines: ChartLine[] = [
    { name: 'Strategy', points: strategy, look: 1 },
    { name: 'Buy and hold', points: held, look: 2 },
    {
      name: 'Cash',
      points: [
        [from, start.toNumber()],
        [samples.at.at(-1) ?? from + 1, start.toNumber()],
      ],
      look: 3,
    },
  ];
  const y = (value: number, step: number): string => figure(value, digitsFor(step));
  const several = (run.record.instruments ?? []).length > 1;
  const both = html`<label class="switch"><input type="checkbox"> Logarithmic scale</label><div class="linear">${lineChart(lines, { time: true, y })}</div><div class="log">${lineChart(lines, { time: true, log: true, y })}</div>`;
  return chart(
    'Equity',
    `Buy and hold invests the whole start equity once, without costs${several ? ', in equal parts of each instrument' : ''}. Cash earns nothing.`,
    both,
    dayTable(run.record.days, several ? 'Basket at close' : 'Mark at close'),
  );
}

function dayTable(days: Analysis['run']['record']['days'], mark: string): Html {
  const step = Math.ceil(days.length / MOST_ROWS);
  const rows = days.filter((_day, index) => index % step === 0 || index === days.length - 1);
  return table(
    ['Day', 'Equity at close', 'Lowest', 'Highest', mark, 'In the market'],
    rows.map((day) => [
      day.day,
      exactMoney(day.close),
      exactMoney(day.low),
      exactMoney(day.high),
      day.mark === null ? null : exactMoney(day.mark),
      percent(day.exposed, 0),
    ]),
    {
      right: [1, 2, 3, 4, 5],
      caption: step === 1 ? 'Every day' : `Every ${step}th day; all of them stand in the saved run`,
    },
  );
}

/** Months of each year as a table whose colours repeat what its numbers say. */
function calendar({ run, start }: Analysis): Html {
  const months = new Map<string, number>();
  const years = new Map<string, number>();
  let before = start.toNumber();
  for (const day of run.record.days) {
    const factor = before > 0 ? Number(day.close) / before : 1;
    for (const [map, key] of [
      [months, day.day.slice(0, 7)],
      [years, day.day.slice(0, 4)],
    ] as const)
      map.set(key, (map.get(key) ?? 1) * factor);
    before = Number(day.close);
  }
  const most = Math.max(1e-9, ...[...months.values()].map((growth) => Math.abs(growth - 1)));
  const cell = (growth: number | undefined): Html => {
    if (growth === undefined) return html`<td class="h"></td>`;
    const share = Math.round((Math.abs(growth - 1) / most) * 34);
    return html`<td class="h" style="background:color-mix(in srgb,var(--${growth < 1 ? 'two' : 'one'}) ${share}%,var(--paper))">${signedPercent(growth - 1, 1)}</td>`;
  };
  const all = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const names = all
    .map((name, index) => ({ name, key: String(index + 1).padStart(2, '0') }))
    .filter(({ key }) => [...months.keys()].some((month) => month.endsWith(`-${key}`)));
  return html`<h3>Return by month</h3><div class="scroll heat" tabindex="0" role="region" aria-label="Return by month"><table><thead><tr><th scope="col"></th>${names.map(({ name }) => html`<th scope="col">${name}</th>`)}<th scope="col">Year</th></tr></thead><tbody>${[
    ...years,
  ].map(
    ([year, growth]) =>
      html`<tr><th scope="row">${year}</th>${names.map(({ key }) => cell(months.get(`${year}-${key}`)))}${cell(growth)}</tr>`,
  )}</tbody></table></div>`;
}

function distribution({ daily: { returns } }: Analysis): Html {
  if (returns.length < 5)
    return html`<div><h3>Daily returns</h3>${note(`Their distribution needs five days; this run has ${returns.length}.`)}</div>`;
  const low = Math.min(...returns);
  const high = Math.max(...returns);
  const bins = Math.min(BINS, Math.max(5, Math.ceil(Math.sqrt(returns.length))));
  const width = (high - low) / bins || 1e-6;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of returns)
    counts[Math.min(bins - 1, Math.floor((value - low) / width))] =
      (counts[Math.min(bins - 1, Math.floor((value - low) / width))] ?? 0) + 1;
  const bars = counts.map((value, index) => ({ label: signedPercent(low + (index + 0.5) * width, 1), value }));
  return chart(
    'Daily returns',
    'How many days had which return.',
    barChart(bars, (value) => figure(value, 0)),
    table(
      ['Around', 'Days'],
      bars.map((bar) => [bar.label, bar.value]),
      { right: [0, 1] },
    ),
  );
}

function rollingCharts({ daily }: Analysis): Html {
  const { days, rolling30, rolling90 } = daily;
  if (days.length < 32)
    return html`<div><h3>Rolling figures</h3>${note(`Sharpe ratio, volatility and beta over the last 30 and 90 days need more than 30 daily returns; this run has ${days.length}.`)}</div>`;
  const points = (values: readonly (number | undefined)[]): ChartPoint[] =>
    days.map((day, index): ChartPoint => [Date.parse(day), values[index] ?? null]);
  const pair = (
    title: string,
    hint: string,
    of: 'sharpe' | 'volatility' | 'beta',
    y: (value: number, step: number) => string,
  ): Html =>
    chart(
      title,
      hint,
      lineChart(
        [
          { name: '30 days', points: points(rolling30[of]), look: 1 },
          ...(days.length > 91 ? [{ name: '90 days', points: points(rolling90[of]), look: 2 as const }] : []),
        ],
        { time: true, zero: true, y },
      ),
      table(
        ['Day', '30 days', '90 days'],
        everyFew(
          days.map((day, index) => [
            day,
            rolling30[of][index] === undefined ? null : y(rolling30[of][index], 0.001),
            rolling90[of][index] === undefined ? null : y(rolling90[of][index], 0.001),
          ]),
        ),
        { right: [1, 2] },
      ),
    );
  return html`${pair('Rolling Sharpe ratio', 'Yearly, of daily returns.', 'sharpe', (value, step) => figure(value, digitsFor(step)))}${pair('Rolling volatility', `Yearly: daily deviation times the root of ${DAYS_A_YEAR}.`, 'volatility', (value, step) => percent(value, digitsFor(step * 100)))}${pair('Rolling beta', 'Against holding the instrument itself.', 'beta', (value, step) => figure(value, digitsFor(step)))}`;
}

const everyFew = <Row>(rows: readonly Row[]): readonly Row[] =>
  rows.filter((_row, index) => index % Math.ceil(rows.length / MOST_ROWS) === 0);

/** The distance to the peak, and the worst falls with their likely cause. */
export function drawdownSection({ run, drawdowns, start }: Analysis): Html {
  const { samples, trades } = run.record;
  const depths = underwater(samples.low, start.times(UNITS).toNumber());
  const end = Date.parse(run.result.to);
  const rows = drawdowns.slice(0, WORST).map((spell) => {
    const until = spell.recoveredAt ?? end;
    const guilty = [...trades]
      .filter((trade) => trade.openedAt < until && (trade.closedAt ?? end) > spell.from && Number(trade.net) < 0)
      .sort((a, b) => Number(a.net) - Number(b.net))[0];
    return [
      percent(spell.depth),
      minute(spell.from),
      minute(spell.troughAt),
      spell.recoveredAt === undefined ? 'not recovered' : minute(spell.recoveredAt),
      duration(until - spell.from),
      guilty === undefined ? null : `trade ${guilty.id}: ${exactMoney(guilty.net)}`,
    ];
  });
  const under = samples.at.filter((_at, i) => (depths[i] as number) < 0).length;
  return section(
    'drawdown',
    'Drawdown',
    chart(
      'Under water',
      'Distance of equity to its highest value so far.',
      lineChart(
        [
          {
            name: 'Drawdown',
            points: samples.at.map((at, i): ChartPoint => [at, depths[i] as number]),
            look: 2,
            area: true,
          },
        ],
        { time: true, zero: true, y: (value, step) => percent(value, digitsFor(step * 100)) },
      ),
      table(['Time', 'Below the peak'], everyFew(samples.at.map((at, i) => [minute(at), percent(depths[i])])), {
        right: [1],
      }),
    ),
    html`<h3>The ${Math.min(WORST, drawdowns.length)} deepest of ${drawdowns.length}</h3>`,
    table(['Depth', 'Start', 'Trough', 'Recovery', 'Length', 'Largest loss within'], rows, { right: [0] }),
    facts([
      ['Time under water', percent(samples.at.length === 0 ? null : under / samples.at.length, 0)],
      [
        'Highest equity',
        samples.high.length === 0 ? null : unitsMoney(samples.high.reduce((most, value) => Math.max(most, value), 0)),
      ],
    ]),
  );
}
