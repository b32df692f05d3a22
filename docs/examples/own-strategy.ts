import {
  createBot,
  Decimal,
  hold,
  StrategyDefinition,
  type Decision,
  type PerpsBot,
  type Strategy,
  type StrategyContext,
} from 'perpsbot';

// #region strategy
const WARMING_UP = hold('too few marks');
const WAITING = hold('no dip');
const HOLDING = hold('not back yet');

/** Buys when the mark has fallen by `dip` over `bars` values, and leaves with a profit. */
class DipBuyer implements Strategy {
  readonly name = 'dip-buyer';
  readonly needsSnapshot = false;

  constructor(
    readonly lookback: number,
    private readonly dip: number,
  ) {}

  decide({ instrument, series, mark, position }: StrategyContext): Decision {
    if (!position.isFlat)
      return position.unrealised(mark) > 0 ? { action: 'close', reason: 'back above the entry' } : HOLDING;
    if (series.length < this.lookback) return WARMING_UP;
    if (!(mark < series.at(this.lookback - 1) * (1 - this.dip))) return WAITING;
    return { action: 'buy', reason: 'a dip', notional: instrument.toUnits(new Decimal(500), 'floor'), leverage: 1 };
  }

  // It remembers nothing: whatever it needs stands in the position.
  onFill(): void {}
  snapshot(): undefined {}
  restore(): void {}
}

export const dipBuyer: StrategyDefinition = {
  name: 'dip-buyer',
  parameters: ['bars', 'dip'],
  lookback: ({ params }) => Number(params['bars'] ?? 12),
  create: (settings) => new DipBuyer(dipBuyer.lookback(settings), Number(settings.params['dip'] ?? 0.001)),
};
// #endregion

export function createDipBot(): PerpsBot {
  // #region bind
  return createBot({
    config: {
      profile: 'demo',
      strategy: { name: 'dip-buyer', params: { bars: 6, dip: 0.0005 } },
      simulation: { seed: 1, speed: 'max' },
      storage: { driver: 'memory' },
      logging: { level: 'warn' },
    },
    overrides: (container) => container.bind(StrategyDefinition).toConstantValue(dipBuyer),
  });
  // #endregion
}
