import { describe, expect, it } from '@jest/globals';
import type { Instrument } from '#src/domain/instrument.js';
import { marks, type MarkUnits } from '#src/domain/units.js';
import type { Series } from '#src/ports/runtime-state/series.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import type { VolatilitySettings } from '#src/ports/configuration/settings/volatility-settings.js';
import { BTC, d, Desk, ETH, WIDE } from './harness.js';

const DAY = 86_400_000;
const MINUTE = 60_000;

/** Values oldest first. */
class ListSeries implements Series {
  readonly capacity = 1_000;
  count: number;
  constructor(
    private values: readonly number[],
    readonly intervalMs = 5_000,
    readonly instrument: Instrument = BTC,
  ) {
    this.count = values.length;
  }
  get length(): number {
    return this.values.length;
  }
  get lastAt(): number {
    return 0;
  }
  at(back: number): MarkUnits {
    const value = this.values[this.values.length - 1 - back];
    if (value === undefined) throw new RangeError('beyond the series');
    return marks(value);
  }
  become(values: readonly number[]): this {
    this.values = values;
    this.count += 1;
    return this;
  }
}

const alternating = (amplitude: number, length = 20): number[] =>
  Array.from({ length }, (_, i) => Math.round(1e9 * (i % 2 === 0 ? 1 : 1 + amplitude)));

/** Independent of the implementation: deviation of the 19 alternating returns +a and -a/(1+a), scaled to a day. */
function expectedPerDay(amplitude: number, intervalMs: number): number {
  const returns = Array.from({ length: 19 }, (_, i) => (i % 2 === 0 ? amplitude : 1 / (1 + amplitude) - 1));
  const mean = returns.reduce((sum, value) => sum + value, 0) / 19;
  const variance = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 18;
  return Math.sqrt(variance * (DAY / intervalMs));
}

describe('volatility breaker', () => {
  const settings = (overrides: Partial<VolatilitySettings> = {}): Partial<RiskSettings> => ({
    ...WIDE,
    volatility: {
      enabled: true,
      window: 20,
      warning: d('0.15'),
      reduceOnly: d('0.2'),
      kill: d('0.25'),
      cooldownMs: 30 * MINUTE,
      ...overrides,
    },
  });

  it.each([5_000, MINUTE, 3_600_000, DAY])(
    'scales the deviation of a series of %i ms to one day (B-17)',
    (intervalMs) => {
      const desk = new Desk(settings({ kill: d(1_000), reduceOnly: d(999), warning: d(998) }));
      const { volatility } = desk.risk.checkVolatility(new ListSeries(alternating(0.009), intervalMs), desk.now);
      expect(volatility).toBeCloseTo(expectedPerDay(0.009, intervalMs), 6);
    },
  );

  it.each([
    [0.001, 'none', 'NORMAL'],
    [0.0014, 'none', 'NORMAL'],
    [0.0016, 'warning', 'NORMAL'],
    [0.0019, 'warning', 'NORMAL'],
    [0.0021, 'reduce_only', 'REDUCE_ONLY'],
    [0.0027, 'kill_switch', 'HALTED'],
  ])(
    'marks alternating by %p every 9 seconds per day thresholds of 15, 20 and 25 percent: %s',
    (amplitude, action, state) => {
      const interval = 9_000;
      const desk = new Desk(settings());
      const series = new ListSeries(alternating(amplitude), interval);
      // Golden values in the unit of the breaker: amplitude x sqrt(9600), times the deviation's own factor for 19
      // returns.
      const outcome = desk.risk.checkVolatility(series, desk.now);
      expect(outcome.volatility).toBeCloseTo(
        amplitude * Math.sqrt(9_600) * Math.sqrt(19 / 18) * Math.sqrt(1 - 1 / 361),
        3,
      );
      expect([outcome.action, desk.ladder.state]).toEqual([action, state]);
    },
  );

  it('says nothing with too few values', () => {
    const desk = new Desk(settings());
    expect(desk.risk.checkVolatility(new ListSeries(alternating(0.5, 19)), desk.now)).toMatchObject({
      action: 'none',
      volatility: undefined,
    });
  });

  it('takes a deviation that is no number for the worst', () => {
    const desk = new Desk(settings());
    expect(desk.risk.checkVolatility(new ListSeries([0, ...alternating(0.001, 19)]), desk.now).action).toBe(
      'kill_switch',
    );
  });

  it('follows changed thresholds and a changed window', () => {
    const desk = new Desk(settings({ warning: d(1), reduceOnly: d(2), kill: d(3) }));
    const series = new ListSeries(alternating(0.0016, 30), 9_000);
    expect(desk.risk.checkVolatility(series, desk.now).action).toBe('none');
    desk.change(settings({ window: 31 }));
    expect(desk.risk.checkVolatility(series, desk.now)).toMatchObject({ action: 'none', volatility: undefined });
    desk.change(settings());
    expect(desk.risk.checkVolatility(series, desk.now).action).toBe('warning');
  });

  it('is silent while it is off', () => {
    const desk = new Desk(settings({ enabled: false }));
    expect(desk.risk.checkVolatility(new ListSeries(alternating(0.5)), desk.now)).toMatchObject({
      action: 'none',
      volatility: undefined,
    });
    expect(desk.ladder.state).toBe('NORMAL');
  });

  it('lets a stronger action act during the cooldown and mutes the same or a weaker one (B-17)', () => {
    const desk = new Desk(settings());
    const series = new ListSeries(alternating(0.0016), 9_000);
    const at = (minutes: number, amplitude: number): string =>
      desk.risk.checkVolatility(series.become(alternating(amplitude)), desk.now + minutes * MINUTE).action;
    expect([
      at(0, 0.0016),
      at(1, 0.0016),
      at(2, 0.0021),
      at(3, 0.0016),
      at(4, 0.0021),
      at(5, 0.0027),
      at(6, 0.0027),
    ]).toEqual(['warning', 'none', 'reduce_only', 'none', 'none', 'kill_switch', 'none']);
    expect(at(36, 0.0016)).toBe('warning');
    expect(desk.events.payloads('volatility_circuit_breaker').map(({ action }) => action)).toEqual([
      'warning',
      'reduce_only',
      'kill_switch',
      'warning',
    ]);
  });

  it('does not undo what it did when the market calms down; an operator does, and is not overruled during the cooldown (B-17)', async () => {
    const desk = new Desk(settings());
    const series = new ListSeries(alternating(0.0027), 9_000);
    desk.risk.checkVolatility(series, desk.now);
    desk.risk.checkVolatility(series.become(alternating(0)), desk.now + 60 * MINUTE);
    expect([desk.ladder.state, desk.ladder.reason]).toEqual(['HALTED', 'volatility_circuit_breaker']);
    desk.risk.checkVolatility(series.become(alternating(0.0027)), desk.now + 61 * MINUTE);
    await desk.ladder.loosen('NORMAL', 'news is out', 'ada');
    desk.risk.checkVolatility(series.become(alternating(0.0027)), desk.now + 62 * MINUTE);
    expect(desk.ladder.state).toBe('NORMAL');
  });

  it('keeps one cooldown per symbol', () => {
    const desk = new Desk(settings());
    desk.risk.checkVolatility(new ListSeries(alternating(0.0016), 9_000), desk.now);
    expect(desk.risk.checkVolatility(new ListSeries(alternating(0.0016), 9_000, ETH), desk.now).action).toBe('warning');
  });

  it('records what it saw and the thresholds', () => {
    const desk = new Desk(settings());
    desk.risk.checkVolatility(new ListSeries(alternating(0.0027), 9_000), desk.now);
    const [event] = desk.events.query({ types: ['volatility_circuit_breaker'] });
    expect(event).toMatchObject({
      botId: 'risk_engine',
      payload: {
        symbol: 'BTC-PERP',
        action: 'kill_switch',
        warning_threshold: 0.15,
        reduce_only_threshold: 0.2,
        kill_switch_threshold: 0.25,
      },
    });
    expect(event?.payload['rolling_volatility']).toBeCloseTo(0.271, 3);
  });
});
