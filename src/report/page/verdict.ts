import type { Analysis } from '../analysis.js';
import type { Finding } from '../findings.js';
import { date, exactMoney, figure, gain, money, percent, plural, signedPercent } from './format.js';
import { html, note, type Cell, type Html } from './html.js';

type Level = 'good' | 'caution' | 'alarm' | 'open';

interface Badge {
  readonly name: string;
  readonly level: Level;
  readonly text: string;
}

const MARKS: Readonly<Record<Level, string>> = { good: '✓', caution: '!', alarm: '✕', open: '○' };
const LEVELS = { alarm: '✕ Alarm', caution: '! Caution', remark: '· Remark' } as const;

/** The head of the page: what came of the run, and how far it can be trusted. */
export function verdict(analysis: Analysis, findings: readonly Finding[]): Html {
  const { result } = analysis.run;
  return html`<header><h1>${result.strategy} on ${result.symbol.replaceAll(',', ', ')}</h1><p class="sub">Backtest, ${result.interval} bars, ${date(Date.parse(result.from))} to ${date(Date.parse(result.to))} (${result.steps !== undefined ? plural(result.bars, 'event') : plural(result.bars, 'bar')}, UTC). Amounts in ${settleOf(analysis)}.</p></header>
<div class="tiles">${tiles(analysis)}</div>
<section id="findings" aria-label="Findings"><h3>Findings</h3>${findings.length === 0 ? note('No rule has anything to say about this run.') : html`<ul class="findings">${findings.map((finding) => html`<li><span class="level ${finding.level}">${LEVELS[finding.level]}</span><span>${finding.text}</span></li>`)}</ul>`}</section>
<section id="trust" aria-label="Trust"><h3>How far to trust it</h3><ul class="badges">${badges(analysis).map((badge) => html`<li class="${badge.level}"><b>${MARKS[badge.level]} ${badge.name}</b>${badge.text}</li>`)}</ul></section>`;
}

function settleOf({ run }: Analysis): string {
  const instrument = run.result['instrument'] as { readonly settle?: string } | undefined;
  return instrument?.settle ?? 'settlement currency';
}

function tiles(analysis: Analysis): Html[] {
  const { run, net, netFraction, sharpe, trades, execution, hold } = analysis;
  const { result } = run;
  const costs = execution.makerFees.plus(execution.takerFees);
  return [
    tile(
      'Net return',
      html`<span class="${net.isNegative() ? 'loss' : 'gain'}">${signedPercent(netFraction)}</span>`,
      `${money(net, true)}; holding ${hold === undefined ? 'not known' : signedPercent(hold)}`,
    ),
    tile(
      'Largest drawdown',
      percent(Number(result.maxDrawdown)),
      `${money((result['drawdown'] as { amount?: string } | undefined)?.amount ?? '0')} from the peak`,
    ),
    tile(
      'Sharpe ratio, yearly',
      sharpe === undefined ? '–' : figure(sharpe.ratio),
      sharpe === undefined
        ? 'too few returns'
        : `95 %: ${figure(sharpe.interval.low)} to ${figure(sharpe.interval.high)}`,
    ),
    tile(
      'Trades',
      figure(trades.count, 0),
      `${plural(result.fills, 'fill')}${trades.count > 0 ? `; ${percent(trades.winRate, 0)} won` : ''}`,
    ),
    tile('Fees', gain(costs, money(costs, true)), `on ${money(execution.turnover)} traded`),
    tile('Funding', gain(result.pnl.funding, money(result.pnl.funding, true)), plural(result.fundings.length, 'stamp')),
  ];
}

const tile = (name: string, value: Cell, below: string): Html =>
  html`<div class="tile"><span>${name}</span><b>${value}</b><span>${below}</span></div>`;

export function badges({ run, trades, sharpe }: Analysis): Badge[] {
  const { result, origin, notes } = run;
  const gaps = (result['gaps'] ?? []) as readonly { readonly missing: number }[];
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const inferred = notes.filter(({ code }) => code.startsWith('W-INST')).length;
  const doubt = missing > 0 || notes.some(({ code }) => code.startsWith('W-FUND'));
  return [
    {
      name: 'Data quality',
      level: missing / Math.max(1, result.bars + missing) > 0.01 ? 'alarm' : doubt || inferred > 0 ? 'caution' : 'good',
      text: `${missing === 0 ? 'no bar is missing' : `${plural(missing, 'bar')} missing`}; ${plural(notes.length, 'note')} on data and run`,
    },
    {
      name: 'Sample size',
      level: trades.count >= 100 ? 'good' : trades.count >= 30 ? 'caution' : 'alarm',
      text: `${plural(trades.count, 'closed trade')}${sharpe === undefined ? '' : `, ${sharpe.basis}`}`,
    },
    {
      name: 'Look-ahead check',
      level: origin.lookAhead === 'passed' ? 'good' : origin.lookAhead === 'failed' ? 'alarm' : 'open',
      text: origin.lookAhead,
    },
    overfitBadge(sharpe?.probability),
    { name: 'Reproducible', level: 'good', text: `trace ${result.traceHash.slice(0, 16)}` },
  ];
}

function overfitBadge(probability: number | undefined): Badge {
  const name = 'Overfit risk';
  if (probability === undefined) return { name, level: 'open', text: 'too few returns to say' };
  const text = `edge above zero with probability ${percent(probability, 0)}; trials not counted`;
  return { name, level: probability >= 0.95 ? 'caution' : 'alarm', text };
}

/** Profit by source, to the last digit. */
export function profitRows({ run }: Analysis): readonly (readonly [string, Cell])[] {
  const { pnl, equity } = run.result;
  return [
    ['Price profit', gain(pnl.price)],
    ['Fees', gain(pnl.fees)],
    ['Funding', gain(pnl.funding)],
    ['Net', gain(pnl.net)],
    ['Equity at start', exactMoney(equity.start)],
    ['Equity at end', exactMoney(equity.end)],
  ];
}
