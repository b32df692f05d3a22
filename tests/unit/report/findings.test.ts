import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { analyse } from '#src/report/analysis.js';
import { findingsOf } from '#src/report/findings.js';
import { stressed } from '#src/report/page/costs-and-risk.js';
import { badges } from '#src/report/page/verdict.js';
import type { StressRun } from '#src/report/run-record.js';
import { DAY, dayRow, fillRow, sampleRun, START, tradeRow, type Changes } from './sample-run.js';

const analysed = (changes: Changes = {}): ReturnType<typeof analyse> => analyse(sampleRun(changes), new SeededRandom());
const found = (changes: Changes = {}): Map<string, string> =>
  new Map(findingsOf(analysed(changes)).map(({ rule, level, text }) => [rule, `${level}: ${text}`]));
const pnl = (price: string, fees: string, funding: string, net: string): { pnl: Record<string, string> } => ({
  pnl: { price, fees, funding, net },
});

describe('findings', () => {
  it('says nothing of a run in which nothing is remarkable', () => {
    expect([...found()]).toEqual([]);
  });

  it('names forced closes first', () => {
    const events = [{ at: START + DAY, what: 'liquidation', detail: 'sell 1 BTC-PERP at 40000' }] as const;
    const all = findingsOf(analysed({ record: { events }, result: { aborted: true, warmup: 500 } }));
    expect(all[0]).toEqual({
      rule: 'liquidation',
      level: 'alarm',
      text: 'The venue closed positions by force 1 time, the first at 2024-01-02 00:00 (liquidation: sell 1 BTC-PERP at 40000).',
    });
    expect(all.map(({ level }) => level)).toEqual(['alarm', 'alarm', 'remark']);
  });

  it('says that a strategy which looks ahead earns nothing of this', () => {
    expect(found({ origin: { lookAhead: 'failed' } }).get('look-ahead')).toMatch(/^alarm: The strategy looks ahead/);
    expect(found({ origin: { lookAhead: 'passed' } }).has('look-ahead')).toBe(false);
  });

  it('says under which stress the profit is lost, and nothing of stress that was survived or could not be run', () => {
    const run = (name: string, net: string): StressRun => ({
      name,
      what: name,
      result: { net, equity: '1', maxDrawdown: '0', sharpe: null, fills: 1, liquidations: 0, traceHash: 'a' },
    });
    expect(found({ stress: [run('delay', '-1'), run('costs', '0')] }).get('lost-under-stress')).toBe(
      'caution: The profit does not survive orders that come one bar late or doubled costs.',
    );
    expect(
      found({ stress: [run('delay', '1'), { name: 'costs', what: 'costs', failed: 'no' }] }).has('lost-under-stress'),
    ).toBe(false);
    expect(found({ stress: [run('delay', '-9')], result: pnl('-5', '0', '0', '-5') }).has('lost-under-stress')).toBe(
      false,
    );
  });

  it('says that nothing was traded, and which gate held longest', () => {
    const none = { trades: 0, fills: 0, ...pnl('0', '0', '0', '0') };
    const record = { fills: [], trades: [] };
    const gate = (name: string, heldMs: number): Record<string, unknown> => ({
      gate: name,
      times: 1,
      heldMs,
      held: `${heldMs}ms`,
      firstAt: '2024-01-01T00:00:00.000Z',
      firstSymbol: 'BTC-PERP',
    });
    expect(found({ result: { ...none, held: [gate('session', 5), gate('stale', 90)] }, record }).get('no-trades')).toBe(
      'alarm: Nothing was traded from 2024-01-01 to 2024-02-10: gate stale held for 90ms.',
    );
    expect(found({ result: none, record }).get('no-trades')).toMatch(/no gate held, and the strategy gave no signal/);
  });

  it('says which limit made entries smaller, and nothing of runs that did not count it', () => {
    const cut = { limit: 'risk.maxOrderNotional', times: 7, firstAt: '2024-01-03T00:00:00.000Z', firstSymbol: 'X' };
    expect(found({ result: { cuts: [{ ...cut, detail: 'wanted 2 BTC, left 1' }] } }).get('size-cut')).toBe(
      'caution: 7 entries made smaller by risk.maxOrderNotional, the first at 2024-01-03 00:00 (wanted 2 BTC, left 1): a larger size in the settings changes nothing there.',
    );
    const both = [cut, { ...cut, limit: 'risk.maxPosition', times: 9 }].map((each) => ({ ...each, detail: 'less' }));
    expect(found({ result: { cuts: both } }).get('size-cut')).toMatch(
      /^caution: 9 entries made smaller by risk.maxPosition.*Also 7 by risk.maxOrderNotional\.$/,
    );
    expect(found({}).has('size-cut')).toBe(false);
  });

  it('says which setting kept the strategy from entries, and how often', () => {
    const off = { reason: 'shorts are off', firstAt: '2024-01-03T00:00:00.000Z', firstSymbol: 'X' };
    const settings = [
      { ...off, setting: 'strategy.disableNewEntries', times: 2 },
      { ...off, setting: 'strategy.enableShorts', times: 7 },
    ];
    expect(found({ result: { switchedOff: settings } }).get('switched-off')).toBe(
      'caution: 7 times the strategy asked for no entry because of strategy.enableShorts ("shorts are off"), first at 2024-01-03 00:00. Also 2 because of strategy.disableNewEntries.',
    );
    expect(found({}).has('switched-off')).toBe(false);
  });

  it('says when fees exceed the gross edge, when they take half of it, and when there is none', () => {
    expect(found({ result: pnl('100', '-120', '0', '-20') }).get('fees-exceed-edge')).toBe(
      'alarm: Fees exceed the gross edge: 120.00 were paid on a gross profit of 100.00.',
    );
    expect(found({ result: pnl('90', '-63', '10', '37') }).get('fees-exceed-edge')).toBe(
      'caution: Fees took 63 % of the gross profit.',
    );
    expect(found({ result: pnl('-68', '-296', '0', '-364') }).get('no-edge')).toBe(
      'alarm: There is no edge to pay fees from: price and funding alone lost 68.00, fees another 296.00.',
    );
  });

  it('says how few trades made the profit', () => {
    const trades = [
      tradeRow(1, '410'),
      tradeRow(2, '410'),
      ...Array.from({ length: 38 }, (_unused, index) => tradeRow(index + 3, index < 19 ? '19.4736842' : '-10')),
    ];
    expect(found({ record: { trades } }).get('profit-concentration')).toBe(
      'caution: 82 % of the profit came from 2 of 40 trades.',
    );
  });

  it('says that a sample is small, and that there are many parameters for it', () => {
    const trades = Array.from({ length: 25 }, (_unused, index) => tradeRow(index + 1, '5'));
    const parameters = { a: '1', b: '2', c: '3' };
    const all = found({ record: { trades }, result: { parameters } });
    expect(all.get('few-trades')).toMatch(/^caution: 25 closed trades are too few/);
    expect(all.get('many-parameters')).toBe(
      'caution: Parameters 3, trades 25: fewer than 10 trades a parameter fit almost anything.',
    );
    expect(found({ result: { parameters } }).has('many-parameters')).toBe(false);
  });

  it('says that a Sharpe ratio cannot be told from zero, and how much more it would take', () => {
    const days = Array.from({ length: 40 }, (_unused, index) =>
      dayRow(index, String(10_000 + (index % 2) * 300 + index)),
    );
    expect(found({ record: { days } }).get('sharpe-uncertain')).toMatch(
      /^caution: The Sharpe ratio cannot be told from zero \(95 % interval −[\d.]+ to [\d.]+\): [\d,]+ returns would be needed, there are 40\.$/,
    );
  });

  it('says that holding was better, that a drawdown is open, and that a position is', () => {
    const base = sampleRun().record;
    expect(
      found({
        record: { samples: { ...base.samples, mark: base.samples.at.map((_at, index) => 50_000 + index * 1_000) } },
      }).get('worse-than-holding'),
    ).toMatch(/^remark: Buying and holding made 78\.00 %, the strategy 8\.15 %\.$/);
    const equity = base.samples.equity.map((value, index) => (index > 20 ? 9.5e11 : value));
    expect(
      found({ record: { samples: { ...base.samples, equity, low: equity, high: equity } } }).get(
        'drawdown-not-recovered',
      ),
    ).toMatch(
      /^remark: The drawdown of 8\.\d\d % that began on 2024-01-2\d was not recovered in the \d+ d( \d+ h)? to the end\.$/,
    );
    expect(
      found({ record: { trades: [...base.trades, tradeRow(41, '-7', { closedAt: null, exit: null })] } }).get(
        'open-at-end',
      ),
    ).toBe('remark: 1 position still open at the end, valued at the last mark: −7.00.');
  });

  it('says how near liquidation was', () => {
    expect(
      found({ record: { days: [...sampleRun().record.days.slice(1), dayRow(0, '10000', { distance: 0.031 })] } }).get(
        'near-liquidation',
      ),
    ).toBe('alarm: The mark came within 3.10 % of the liquidation price on 2024-01-01.');
  });

  it('says when nothing was traded for long, and whether the data, a gate or the strategy was the cause', () => {
    const fills = [fillRow(START + DAY), fillRow(START + 30 * DAY), fillRow(START + 39 * DAY)];
    expect(found({ record: { fills } }).get('idle-stretch')).toBe(
      'remark: 0 trades from 2024-01-02 00:00 to 2024-01-31 00:00: no signal.',
    );
    const gaps = [{ from: '2024-01-05T00:00:00.000Z', to: '2024-01-25T00:00:00.000Z', missing: 480 }];
    expect(found({ record: { fills }, result: { gaps } }).get('idle-stretch')).toMatch(/: data gap of 20 d\.$/);
    const held = [
      {
        gate: 'daily_loss',
        times: 9,
        heldMs: 20 * DAY,
        held: '20d',
        firstAt: '2024-01-03T00:00:00.000Z',
        firstSymbol: 'BTC-PERP',
      },
    ];
    expect(found({ record: { fills }, result: { held } }).get('idle-stretch')).toMatch(
      /: gate daily_loss held for 20d of the run\.$/,
    );
  });

  it('says what funding did, and where its rates are not known', () => {
    expect(found({ result: pnl('1000', '-100', '-400', '500') }).get('funding-share')).toBe(
      'caution: Funding paid, 400.00, is 40 % of the larger of price and net profit.',
    );
    expect(found({ result: { fundings: [{ gap: true }, { gap: false }] } }).get('funding-gaps')).toBe(
      'caution: 1 funding stamp had no known rate and was not paid.',
    );
    expect(found({ notes: [{ code: 'W-FUND-001', message: '' }] }).get('funding-not-simulated')).toMatch(
      /^caution: Funding was not simulated/,
    );
  });

  it('says what is missing in the data, and grades it by its share', () => {
    const gaps = (missing: number): Changes => ({
      result: { gaps: [{ from: '2024-01-05T00:00:00.000Z', to: '2024-01-05T01:00:00.000Z', missing }], bars: 10_000 },
    });
    expect(found(gaps(1)).get('data-gaps')).toBe('remark: 1 bar missing in 1 gap, the first from 2024-01-05 00:00.');
    expect(found(gaps(100)).get('data-gaps')).toMatch(/^caution: 100 bars/);
  });

  it('says when fills cost three times what the model assumes', () => {
    const fills = sampleRun().record.fills.map((fill) => ({ ...fill, slippage: '1.6', slippageBps: 3.2 }));
    expect(found({ record: { fills } }).get('slippage-beyond-model')).toBe(
      'caution: Fills cost 3.2 bps against the price of the decision, 3.2 times the assumed half spread of 1.0 bps.',
    );
    expect(
      found({ record: { fills }, origin: { settings: { 'simulation.barHalfSpread': '0bps' } } }).has(
        'slippage-beyond-model',
      ),
    ).toBe(false);
  });

  it('says what was refused, how long warm-up was, and that the safety state tightened', () => {
    expect(found({ result: { rejects: { max_leverage: 30, price_collar: 10 } } }).get('rejects')).toBe(
      'caution: 40 orders refused, most by max_leverage (30).',
    );
    expect(found({ result: { warmup: 240 } }).get('warm-up')).toBe(
      'remark: Warm-up took 25 % of the run: 240 of 960 bars.',
    );
    expect(
      found({ record: { events: [{ at: START, what: 'safety', detail: 'NORMAL to HALTED: kill_switch' }] } }).get(
        'safety-state',
      ),
    ).toMatch(/^alarm: The safety state tightened at 2024-01-01 00:00: NORMAL to HALTED: kill_switch\./);
  });
});

describe('trust', () => {
  const badge = (name: string, changes: Changes = {}): string | undefined =>
    badges(analysed(changes)).find((each) => each.name === name)?.level;

  it('never claims a check that was not run', () => {
    expect([
      badge('Look-ahead check'),
      badge('Look-ahead check', { origin: { lookAhead: 'passed' } }),
      badge('Look-ahead check', { origin: { lookAhead: 'failed' } }),
    ]).toEqual(['open', 'good', 'alarm']);
    // One run knows nothing of the trials before it: the best it can get is a caution.
    expect(badge('Overfit risk')).toBe('caution');
    expect(
      badge('Overfit risk', {
        record: { days: [], returns: { count: 5, mean: null, deviation: null, skewness: null, kurtosis: null } },
      }),
    ).toBe('open');
  });

  it('grades data and sample', () => {
    expect([
      badge('Data quality'),
      badge('Data quality', { notes: [{ code: 'W-INSTR-003', message: '' }] }),
      badge('Data quality', { result: { gaps: [{ missing: 100 }] } }),
    ]).toEqual(['good', 'caution', 'alarm']);
    expect([badge('Sample size'), badge('Sample size', { record: { trades: [tradeRow(1, '1')] } })]).toEqual([
      'caution',
      'alarm',
    ]);
  });
});

describe('cost stress', () => {
  it('multiplies fees and losses against the decision, never what was gained', () => {
    const costly = analysed({ record: { fills: [fillRow(START, { fee: '-10', slippage: '5' })] } });
    expect(stressed(costly, 1).toString()).toBe('815');
    expect(stressed(costly, 2).toString()).toBe('800');
    const lucky = analysed({ record: { fills: [fillRow(START, { fee: '2', liquidity: 'maker', slippage: '-5' })] } });
    expect(stressed(lucky, 2).toString()).toBe('815');
  });
});
