import { Decimal, ZERO } from '../domain/decimal.js';
import type { BacktestResult } from '../backtest/result.js';
import type { Analysis } from './analysis.js';
import { date, duration, figure, minute, money, percent, plural } from './page/format.js';

export interface Finding {
  readonly rule: string;
  /** `alarm`: the result does not mean what it seems to; `caution`: read it with care; `remark`: worth knowing. */
  readonly level: 'alarm' | 'caution' | 'remark';
  readonly text: string;
}

type Rule = (analysis: Analysis) => Omit<Finding, 'rule'> | undefined;

const LEAST_TRADES = 30;
const TRADES_A_PARAMETER = 10;
const CONCENTRATED = 0.5;
const IDLE_SHARE = 0.25;
const FUNDING_SHARE = 0.25;
const NEAR_LIQUIDATION = 0.05;
const REJECTED_SHARE = 0.2;
const WARM_SHARE = 0.2;
const SLIPPAGE_FACTOR = 3;

const total = (values: readonly string[]): Decimal => values.reduce((sum, value) => sum.plus(value), ZERO);
const gateWith = (
  analysis: Analysis,
): { readonly gate: string; readonly held: string; readonly heldMs: number } | undefined =>
  [...analysis.run.result.held].sort((a, b) => b.heldMs - a.heldMs)[0];

/** Each rule looks at one thing and says it in one sentence, or nothing. In the order in which they matter. */
const RULES: Readonly<Record<string, Rule>> = {
  liquidation({ run }) {
    const events = run.record.events.filter(({ what }) => what === 'liquidation' || what === 'adl');
    const [first] = events;
    return (
      first && {
        level: 'alarm',
        text: `The venue closed positions by force ${plural(events.length, 'time')}, the first at ${minute(first.at)} (${first.what}: ${first.detail}).`,
      }
    );
  },
  'look-ahead': ({ run }) =>
    run.origin.lookAhead === 'failed'
      ? {
          level: 'alarm',
          text: 'The strategy looks ahead: decisions changed when only later bars were replaced. Nothing in this report can be earned.',
        }
      : undefined,
  'stopped-early': ({ run: { result } }) =>
    result.aborted
      ? { level: 'alarm', text: `The run was stopped after ${result.bars} bars: the rest of the data was not traded.` }
      : undefined,
  'no-trades'(analysis) {
    const { result } = analysis.run;
    if (result.fills > 0) return undefined;
    const gate = gateWith(analysis);
    return {
      level: 'alarm',
      text: `Nothing was traded from ${date(Date.parse(result.from))} to ${date(Date.parse(result.to))}: ${gate === undefined ? 'no gate held, and the strategy gave no signal' : `gate ${gate.gate} held for ${gate.held}`}.`,
    };
  },
  'fees-exceed-edge'({ run: { result } }) {
    const gross = new Decimal(result.pnl.price).plus(result.pnl.funding);
    const fees = new Decimal(result.pnl.fees).neg();
    if (!(fees.gt(0) && gross.gt(0))) return undefined;
    if (fees.gte(gross))
      return {
        level: 'alarm',
        text: `Fees exceed the gross edge: ${money(fees)} were paid on a gross profit of ${money(gross)}.`,
      };
    return fees.gte(gross.times(CONCENTRATED))
      ? { level: 'caution', text: `Fees took ${percent(fees.div(gross).toNumber(), 0)} of the gross profit.` }
      : undefined;
  },
  'no-edge'({ run: { result } }) {
    const gross = new Decimal(result.pnl.price).plus(result.pnl.funding);
    return result.fills > 0 && gross.lt(0)
      ? {
          level: 'alarm',
          text: `There is no edge to pay fees from: price and funding alone lost ${money(gross.neg())}, fees another ${money(new Decimal(result.pnl.fees).neg())}.`,
        }
      : undefined;
  },
  'safety-state'({ run }) {
    const [first] = run.record.events.filter(({ what }) => what === 'safety');
    return (
      first && {
        level: 'alarm',
        text: `The safety state tightened at ${minute(first.at)}: ${first.detail}. What came after was not traded freely.`,
      }
    );
  },
  'profit-concentration'({ run, trades }) {
    const closed = run.record.trades
      .filter((trade) => trade.closedAt !== null)
      .map((trade) => new Decimal(trade.net))
      .sort((a, b) => b.cmp(a));
    const sum = closed.reduce((all, net) => all.plus(net), ZERO);
    if (!(sum.gt(0) && trades.count >= 5)) return undefined;
    const best = Math.max(1, Math.min(2, Math.floor(trades.count / 5)));
    const share = closed
      .slice(0, best)
      .reduce((all, net) => all.plus(net), ZERO)
      .div(sum)
      .toNumber();
    return share >= CONCENTRATED
      ? {
          level: 'caution',
          text: `${percent(share, 0)} of the profit came from ${best} of ${plural(trades.count, 'trade')}.`,
        }
      : undefined;
  },
  'few-trades': ({ trades }) =>
    trades.count > 0 && trades.count < LEAST_TRADES
      ? {
          level: 'caution',
          text: `${plural(trades.count, 'closed trade')} ${trades.count === 1 ? 'is' : 'are'} too few to tell skill from luck; ${LEAST_TRADES} is the least to look at.`,
        }
      : undefined,
  'many-parameters'({ run, trades }) {
    const parameters = Object.keys((run.result['parameters'] ?? {}) as object).length;
    return parameters > 0 && trades.count > 0 && trades.count < parameters * TRADES_A_PARAMETER
      ? {
          level: 'caution',
          text: `Parameters ${parameters}, trades ${trades.count}: fewer than ${TRADES_A_PARAMETER} trades a parameter fit almost anything.`,
        }
      : undefined;
  },
  'sharpe-uncertain'({ sharpe }) {
    if (sharpe === undefined || !(sharpe.interval.low <= 0 && sharpe.interval.high >= 0)) return undefined;
    const needed = Number.isFinite(sharpe.needed)
      ? `${figure(Math.ceil(sharpe.needed), 0)} returns would be needed, there are ${figure(sharpe.sample.count, 0)}`
      : 'no length of record would show an edge at this ratio';
    return {
      level: 'caution',
      text: `The Sharpe ratio cannot be told from zero (95 % interval ${figure(sharpe.interval.low)} to ${figure(sharpe.interval.high)}): ${needed}.`,
    };
  },
  'lost-under-stress'({ run, net }) {
    if (!net.gt(0)) return undefined;
    const lost = (run.stress ?? [])
      .filter(({ result }) => result !== undefined && !new Decimal(result.net).gt(0))
      .map(({ name }) => name);
    return lost.length === 0
      ? undefined
      : {
          level: 'caution',
          text: `The profit does not survive ${lost.map((name) => (name === 'delay' ? 'orders that come one bar late' : name === 'costs' ? 'doubled costs' : name)).join(' or ')}.`,
        };
  },
  'worse-than-holding': ({ hold, netFraction }) =>
    hold !== undefined && hold > netFraction && hold > 0
      ? { level: 'remark', text: `Buying and holding made ${percent(hold)}, the strategy ${percent(netFraction)}.` }
      : undefined,
  'drawdown-not-recovered'({ drawdowns, run }) {
    const open = drawdowns.find((spell) => spell.recoveredAt === undefined && spell.depth >= 0.01);
    return (
      open && {
        level: 'remark',
        text: `The drawdown of ${percent(open.depth)} that began on ${date(open.from)} was not recovered in the ${duration(Date.parse(run.result.to) - open.from)} to the end.`,
      }
    );
  },
  'near-liquidation'({ run }) {
    const day = [...run.record.days]
      .filter((each) => each.distance !== null)
      .sort((a, b) => (a.distance ?? 1) - (b.distance ?? 1))[0];
    return day !== undefined && day.distance !== null && day.distance < NEAR_LIQUIDATION
      ? {
          level: 'alarm',
          text: `The mark came within ${percent(day.distance)} of the liquidation price on ${day.day}.`,
        }
      : undefined;
  },
  'idle-stretch'(analysis) {
    const { fills } = analysis.run.record;
    const { result } = analysis.run;
    const [from, to] = [Date.parse(result.from), Date.parse(result.to)];
    if (fills.length === 0) return undefined;
    const times = [from, ...fills.map((fill) => fill.at), to];
    let longest = 0;
    for (let i = 1; i < times.length - 1; i += 1) if (gapAt(times, i + 1) > gapAt(times, longest + 1)) longest = i;
    const [begin, end] = [times[longest] as number, times[longest + 1] as number];
    if (end - begin < (to - from) * IDLE_SHARE) return undefined;
    return {
      level: 'remark',
      text: `0 trades from ${minute(begin)} to ${minute(end)}: ${causeOf(analysis, begin, end)}.`,
    };
  },
  'funding-share'({ run: { result }, net }) {
    const funding = new Decimal(result.pnl.funding);
    const price = new Decimal(result.pnl.price);
    if (funding.isZero() || price.plus(net).isZero()) return undefined;
    const share = funding.abs().div(Decimal.max(net.abs(), price.abs())).toNumber();
    return share >= FUNDING_SHARE
      ? {
          level: 'caution',
          text: `Funding ${funding.isNegative() ? 'paid' : 'received'}, ${money(funding.abs())}, is ${percent(share, 0)} of the larger of price and net profit.`,
        }
      : undefined;
  },
  'funding-gaps'({ run: { result } }) {
    const gaps = result.fundings.filter((row) => (row as { gap?: unknown }).gap === true).length;
    return gaps > 0
      ? {
          level: 'caution',
          text: `${plural(gaps, 'funding stamp')} had no known rate and ${gaps === 1 ? 'was' : 'were'} not paid.`,
        }
      : undefined;
  },
  'funding-not-simulated': ({ run: { notes } }) =>
    notes.some(({ code }) => code === 'W-FUND-001')
      ? {
          level: 'caution',
          text: 'Funding was not simulated: no funding file was given. Positions held over a stamp cost nothing here.',
        }
      : undefined,
  'data-gaps'({ run: { result } }) {
    const gaps = (result['gaps'] ?? []) as readonly { readonly missing: number; readonly from: string }[];
    const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
    return missing > 0
      ? {
          level: missing / (missing + result.bars) > 0.001 ? 'caution' : 'remark',
          text: `${plural(missing, 'bar')} missing in ${plural(gaps.length, 'gap')}, the first from ${minute(Date.parse(gaps[0]?.from ?? ''))}.`,
        }
      : undefined;
  },
  'slippage-beyond-model'({ execution, run: { origin } }) {
    const setting = origin.settings['simulation.barHalfSpread'];
    const assumed = typeof setting === 'string' ? Number.parseFloat(setting) : NaN;
    if (!(assumed > 0 && execution.slippageBps >= assumed * SLIPPAGE_FACTOR)) return undefined;
    return {
      level: 'caution',
      text: `Fills cost ${figure(execution.slippageBps, 1)} bps against the price of the decision, ${figure(execution.slippageBps / assumed, 1)} times the assumed half spread of ${figure(assumed, 1)} bps.`,
    };
  },
  rejects({ run: { result, record } }) {
    const refused = Object.values(result.rejects ?? {}).reduce((sum, count) => sum + count, 0);
    const asked = refused + result.fills;
    const [first] = Object.entries(result.rejects ?? {}).sort((a, b) => b[1] - a[1]);
    return first !== undefined && refused / asked >= REJECTED_SHARE && record.fills.length >= 0
      ? { level: 'caution', text: `${plural(refused, 'order')} refused, most by ${first[0]} (${first[1]}).` }
      : undefined;
  },
  'size-cut'({ run: { result } }) {
    // Runs of before did not count them.
    const cuts = [...((result.cuts as BacktestResult['cuts'] | undefined) ?? [])].sort((a, b) => b.times - a.times);
    const [most] = cuts;
    return (
      most && {
        level: 'caution',
        text: `${plural(most.times, 'entry', 'entries')} made smaller by ${most.limit}, the first at ${minute(Date.parse(most.firstAt))} (${most.detail}): a larger size in the settings changes nothing there.${alsoText(cuts.slice(1).map(({ times, limit }) => `${times} by ${limit}`))}`,
      }
    );
  },
  'switched-off'({ run: { result } }) {
    const off = [...((result.switchedOff as BacktestResult['switchedOff'] | undefined) ?? [])];
    const [most, ...others] = off.sort((a, b) => b.times - a.times);
    return (
      most && {
        level: 'caution',
        text: `${plural(most.times, 'time')} the strategy asked for no entry because of ${most.setting} ("${most.reason}"), first at ${minute(Date.parse(most.firstAt))}.${alsoText(others.map(({ times, setting }) => `${times} because of ${setting}`))}`,
      }
    );
  },
  'warm-up': ({ run: { result } }) =>
    result.bars > 0 && result.warmup / result.bars >= WARM_SHARE
      ? {
          level: 'remark',
          text: `Warm-up took ${percent(result.warmup / result.bars, 0)} of the run: ${result.warmup} of ${result.bars} bars.`,
        }
      : undefined,
  'open-at-end'({ run: { record } }) {
    const open = record.trades.filter((trade) => trade.closedAt === null);
    return open.length > 0
      ? {
          level: 'remark',
          text: `${plural(open.length, 'position')} still open at the end, valued at the last mark: ${money(total(open.map((trade) => trade.net)), true)}.`,
        }
      : undefined;
  },
};

const alsoText = (others: readonly string[]): string => (others.length === 0 ? '' : ` Also ${others.join(', ')}.`);

const gapAt = (times: readonly number[], index: number): number =>
  (times[index] as number) - (times[index - 1] as number);

/** A data gap where it covers half of the time, else the gate that held half of it, else silence of the strategy. */
function causeOf(analysis: Analysis, begin: number, end: number): string {
  const { result } = analysis.run;
  const gaps = (result['gaps'] ?? []) as readonly { readonly from: string; readonly to: string }[];
  const missing = gaps.reduce(
    (sum, gap) => sum + Math.max(0, Math.min(end, Date.parse(gap.to)) - Math.max(begin, Date.parse(gap.from))),
    0,
  );
  if (missing * 2 >= end - begin) return `data gap of ${duration(missing)}`;
  const gate = [...result.held]
    .filter((each) => Date.parse(each.firstAt) <= end && each.heldMs * 2 >= end - begin)
    .sort((a, b) => b.heldMs - a.heldMs)[0];
  return gate === undefined ? 'no signal' : `gate ${gate.gate} held for ${gate.held} of the run`;
}

/** What a careful reader would have noticed, gravest first. */
export function findingsOf(analysis: Analysis): readonly Finding[] {
  const rank = { alarm: 0, caution: 1, remark: 2 } as const;
  return Object.entries(RULES)
    .flatMap(([rule, look]) => {
      const found = look(analysis);
      return found === undefined ? [] : [{ rule, ...found }];
    })
    .sort((a, b) => rank[a.level] - rank[b.level]);
}
