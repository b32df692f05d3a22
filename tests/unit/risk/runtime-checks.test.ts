import { describe, expect, it } from '@jest/globals';
import { marks, type MarkUnits } from '#src/domain/units.js';
import { instrument as makeInstrument } from '#src/testing/instruments.js';
import { BTC, d, Desk, settle, WIDE } from './harness.js';

const DAY = 86_400_000;

describe('daily loss', () => {
  const setUp = () => new Desk({ ...WIDE, dailyLossLimit: d(100) });

  it.each([
    ['9900', false],
    ['9899.99999999', true],
    ['10050', false],
  ])('compares equity with that of the day start: %s of 10,000 with a limit of 100', (equity, breached) => {
    const desk = setUp();
    desk.setEquity(equity);
    expect(desk.risk.checkDailyLoss(desk.now)).toBe(breached);
  });

  it('stays closed for the rest of the UTC day when equity recovers, and opens on the next (B-18)', () => {
    const desk = setUp();
    desk.setEquity(9_800);
    expect(desk.risk.checkDailyLoss(desk.now)).toBe(true);
    desk.setEquity(10_000);
    expect(desk.risk.checkDailyLoss(desk.now + DAY - 1)).toBe(true);
    expect(desk.risk.checkDailyLoss(desk.now + DAY)).toBe(false);
  });

  it('is recorded once a day and leaves the safety state alone', () => {
    const desk = setUp();
    desk.setEquity(9_800);
    for (let i = 0; i < 5; i += 1) desk.risk.checkDailyLoss(desk.now + i);
    expect(desk.events.payloads('daily_loss_breach')).toEqual([
      {
        day: desk.now / DAY,
        daily_pnl: '-200',
        daily_loss_abs: '200',
        limit: '100',
        action: 'increasing_orders_refused_until_next_utc_day',
      },
    ]);
    expect(desk.ladder.state).toBe('NORMAL');
    desk.risk.checkDailyLoss(desk.now + DAY);
    expect(desk.events.payloads('daily_loss_breach')).toHaveLength(2);
  });

  it('survives a restart on the same day', () => {
    const desk = setUp();
    desk.setEquity(9_800);
    desk.risk.checkDailyLoss(desk.now);
    desk.setEquity(10_000);
    desk.restart();
    expect(desk.risk.checkDailyLoss(desk.now + 1)).toBe(true);
    expect(desk.risk.checkDailyLoss(desk.now + DAY)).toBe(false);
  });

  it('needs a limit', () => {
    const desk = new Desk(WIDE);
    desk.setEquity(1);
    expect(desk.risk.checkDailyLoss(desk.now)).toBe(false);
  });
});

describe('drawdown', () => {
  it('tightens to REDUCE_ONLY beyond the limit from the high-water mark, which only an operator lifts', async () => {
    const desk = new Desk({ ...WIDE, maxDrawdown: d('0.1') });
    desk.setEquity(9_000);
    expect(desk.risk.checkDrawdown(desk.now)).toBe(false);
    desk.setEquity('8999.99');
    expect(desk.risk.checkDrawdown(desk.now)).toBe(true);
    expect([desk.ladder.state, desk.ladder.reason]).toEqual(['REDUCE_ONLY', 'max_drawdown']);
    desk.setEquity(10_000);
    expect(desk.risk.checkDrawdown(desk.now)).toBe(false);
    expect(desk.ladder.state).toBe('REDUCE_ONLY');
    await desk.risk.setReduceOnly(false, 'looked at it', 'ada');
    expect(desk.ladder.state).toBe('NORMAL');
  });

  it('is recorded when it begins, not while it lasts', () => {
    const desk = new Desk({ ...WIDE, maxDrawdown: d('0.1') });
    desk.setEquity(8_000);
    for (let i = 0; i < 3; i += 1) desk.risk.checkDrawdown(desk.now);
    expect(desk.events.payloads('drawdown_breach')).toEqual([
      { equity: '8000', peak: '10000', drawdown: '2000', limit_pct: 0.1, action: 'REDUCE_ONLY' },
    ]);
  });

  it('reports a safety record that could not be written and is tight all the same', async () => {
    const desk = new Desk({ ...WIDE, maxDrawdown: d('0.1') });
    desk.events.failure = new Error('disk full');
    desk.setEquity(8_000);
    desk.risk.checkDrawdown(desk.now);
    await settle();
    expect(desk.ladder.state).toBe('REDUCE_ONLY');
    expect(desk.logger.at('error')).toEqual(['Safety state is tight but not on disk']);
  });
});

describe('liquidation buffer check', () => {
  const desk = (): Desk => {
    const made = new Desk({ ...WIDE, maxLeverage: d(5), minLiquidationBuffer: d('0.15') });
    made.quote(BTC, 100);
    return made;
  };
  const at = (price: number): MarkUnits => BTC.toMarks(d(price));

  it.each([
    [1, 86, true],
    [1, 85, false],
    [-1, 114, true],
    [-1, 115, false],
    [1, 101, true],
    [-1, 99, true],
  ])(
    'position %p at a mark of 100 with a liquidation price of %p: breach %p, measured on the side that hurts',
    (size, price, breach) => {
      const it = desk();
      it.hold(BTC, size);
      expect(it.risk.checkLiquidationBuffer(BTC, at(100), at(price), it.now)).toBe(breach);
    },
  );

  it.each([
    [43, true],
    [42, false],
  ])('without a liquidation price: %p lots at 100 on 1,000 of equity with cap 5: breach %p', (size, breach) => {
    const it = desk();
    it.setEquity(1_000);
    it.hold(BTC, size);
    expect(it.risk.checkLiquidationBuffer(BTC, at(100), undefined, it.now)).toBe(breach);
  });

  it('breaches without equity and with a mark that is no number', () => {
    const it = desk();
    it.hold(BTC, 1);
    expect(it.risk.checkLiquidationBuffer(BTC, marks(NaN), at(50), it.now)).toBe(true);
    it.setEquity(0);
    expect(it.risk.checkLiquidationBuffer(BTC, at(100), undefined, it.now)).toBe(true);
  });

  it('holds the symbol, records it once, and lifts it when the position is gone (B-53)', () => {
    const it = desk();
    it.hold(BTC, 1);
    it.risk.checkLiquidationBuffer(BTC, at(100), at(90), it.now);
    it.risk.checkLiquidationBuffer(BTC, at(100), at(90), it.now);
    expect(it.risk.isSymbolReduceOnly('BTC-PERP')).toBe(true);
    expect(it.risk.isSymbolReduceOnly('ETH-PERP')).toBe(false);
    expect(it.events.payloads('liquidation_buffer_breach')).toEqual([
      { symbol: 'BTC-PERP', buffer_pct: 0.1, limit: 0.15, action: 'reduce_only_enabled_for_BTC-PERP' },
    ]);
    it.hold(BTC, 0);
    expect(it.risk.checkLiquidationBuffer(BTC, at(100), at(90), it.now)).toBe(false);
    expect(it.risk.isSymbolReduceOnly('BTC-PERP')).toBe(false);
    expect(it.events.payloads('liquidation_buffer_restored')).toHaveLength(1);
  });
});

describe('mark staleness', () => {
  it('is stale beyond the limit, halting beyond twice the limit, and both for a symbol never seen (B-54)', () => {
    const desk = new Desk({ ...WIDE, maxMarkStalenessMs: 10_000 });
    const ages = [10_000, 10_001, 20_000, 20_001].map((age) => [
      desk.risk.isStale('BTC-PERP', desk.now + age),
      desk.risk.checkMarkStaleness('BTC-PERP', desk.now + age),
    ]);
    expect(ages).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [true, true],
    ]);
    expect([desk.risk.isStale('NEW-PERP', desk.now), desk.risk.checkMarkStaleness('NEW-PERP', desk.now)]).toEqual([
      true,
      true,
    ]);
    expect(desk.events.payloads('stale_mark_price')).toEqual([
      { symbol: 'BTC-PERP', age_seconds: 20.001, limit_seconds: 10, action: 'halt_new_orders' },
      { symbol: 'NEW-PERP', age_seconds: null, limit_seconds: 10, action: 'halt_new_orders' },
    ]);
  });

  it('says so when it begins and again after it was fresh, not while it lasts', () => {
    const desk = new Desk({ ...WIDE, maxMarkStalenessMs: 10_000 });
    for (const age of [15_000, 16_000, 30_000, 40_000, 50_000])
      desk.risk.checkMarkStaleness('BTC-PERP', desk.now + age);
    expect(desk.logger.at('info')).toEqual(['Mark is getting old']);
    expect(desk.events.payloads('stale_mark_price')).toHaveLength(1);
    desk.freshness.touch('BTC-PERP', desk.now + 60_000);
    expect(desk.risk.checkMarkStaleness('BTC-PERP', desk.now + 60_000)).toBe(false);
    desk.risk.checkMarkStaleness('BTC-PERP', desk.now + 90_000);
    expect(desk.events.payloads('stale_mark_price')).toHaveLength(2);
  });

  it('reads the very map that market data writes (B-04, U1)', () => {
    const desk = new Desk(WIDE);
    expect(desk.risk.lastMarkUpdate).toBe(desk.freshness);
  });
});

describe('concentration', () => {
  const holding = (...sizes: readonly number[]): Desk => {
    const desk = new Desk({ ...WIDE, concentrationLimit: d('0.4') });
    sizes.forEach((size, i) => {
      const instrument = makeInstrument({ symbol: `C${i}-PERP` });
      desk.quote(instrument, 100);
      desk.hold(instrument, size);
    });
    return desk;
  };

  it.each([
    ['no position', [], false],
    ['one position', [5], false],
    ['two equal ones', [5, -5], false],
    ['four equal ones', [1, 1, 1, 1], false],
    ['80 to 20', [8, 2], false],
    ['90 to 10', [9, -1], true],
    ['one that dwarfs two', [18, 1, 1], true],
  ])('%s (B-55)', (_name, sizes, concentrated) => {
    const desk = holding(...sizes);
    expect(desk.risk.checkConcentration()).toBe(concentrated);
  });

  it('is recorded when it begins', () => {
    const desk = holding(9, 1);
    desk.risk.checkConcentration();
    desk.risk.checkConcentration();
    const [record, ...more] = desk.events.payloads('concentration_risk');
    expect(more).toEqual([]);
    expect(record).toMatchObject({ positions: 2, limit: 0.4 });
    expect(record?.['hhi']).toBeCloseTo(0.82, 10);
    expect(record?.['normalised_hhi']).toBeCloseTo(0.64, 10);
  });

  it('counts a position without a mark as concentrated rather than as nothing', () => {
    const desk = holding(1, 1);
    desk.hold(makeInstrument({ symbol: 'DARK-PERP' }), 1);
    expect(desk.risk.checkConcentration()).toBe(true);
  });
});

describe('risk snapshot', () => {
  it('is a typed record: money as text, ratios as numbers, flags as booleans', async () => {
    const desk = new Desk({ ...WIDE, maxLeverage: d('2.5') });
    desk.setEquity('10100.5');
    await desk.ladder.tighten('HALTED', 'drill');
    desk.risk.recordSnapshot(desk.now);
    expect(desk.events.query({ types: ['risk_snapshot'] })[0]).toMatchObject({
      botId: 'risk_engine',
      payload: {
        timestamp: desk.now,
        equity: '10100.5',
        total_notional: '0',
        exposure_pct: 0,
        max_leverage: 2.5,
        daily_pnl: '100.5',
        daily_pnl_pct: 0.01005,
        reduce_only: true,
        kill_switch: true,
      },
    });
  });

  it('says null for what is not known', () => {
    const desk = new Desk(WIDE);
    desk.portfolio.dayStartEquity = undefined;
    desk.setEquity(0);
    desk.risk.recordSnapshot(desk.now);
    expect(desk.events.payloads('risk_snapshot')[0]).toMatchObject({
      exposure_pct: null,
      daily_pnl: null,
      daily_pnl_pct: null,
    });
  });
});

describe('reduce-only mode', () => {
  it('goes through the safety ladder both ways, with an actor for the way back', async () => {
    const desk = new Desk(WIDE);
    await desk.risk.setReduceOnly(true, 'maintenance', 'ada');
    expect([desk.risk.isReduceOnly(), desk.risk.killSwitch, desk.ladder.reason]).toEqual([true, false, 'maintenance']);
    await expect(desk.risk.setReduceOnly(false, 'done')).rejects.toThrow(expect.objectContaining({ code: 'RISK-003' }));
    await desk.risk.setReduceOnly(false, 'done', 'ada');
    expect(desk.risk.isReduceOnly()).toBe(false);
    await desk.risk.setReduceOnly(false, 'twice', 'ada');
  });

  it('cannot be used to lift a halt', async () => {
    const desk = new Desk(WIDE);
    await desk.ladder.tighten('HALTED', 'drill');
    await expect(desk.risk.setReduceOnly(false, 'go', 'ada')).rejects.toThrow(
      expect.objectContaining({ code: 'RISK-003' }),
    );
    expect(desk.ladder.state).toBe('HALTED');
  });
});
