import { Decimal } from '#src/domain/decimal.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { ConfigChange, ConfigController } from '#src/ports/configuration/settings/config-controller.js';
import { instrumentSpec } from '#src/testing/instruments.js';

const d = (text: string): Decimal => new Decimal(text);

/** A complete configuration with limits wide enough not to be in the way. Sections can be replaced whole or in part. */
export function testConfig(
  overrides: {
    readonly [K in keyof BotConfig]?: BotConfig[K] extends object ? Partial<BotConfig[K]> : BotConfig[K];
  } = {},
): BotConfig {
  const merged: Record<string, unknown> = { ...DEFAULTS };
  for (const [key, value] of Object.entries(overrides)) {
    const base = merged[key];
    merged[key] = isPlain(base) && isPlain(value) && key !== 'instruments' ? { ...base, ...value } : value;
  }
  return merged as unknown as BotConfig;
}

/** A controller that a test changes by hand. */
export class FakeConfigController implements ConfigController {
  private readonly listeners = new Set<(change: ConfigChange) => void>();
  /** What the next `refreshIfChanged` finds. */
  nextChange: ConfigChange | Error | undefined;
  private pending: ConfigChange | undefined;

  constructor(public current: BotConfig = testConfig()) {}

  refreshIfChanged(): ConfigChange | undefined {
    const next = this.nextChange;
    this.nextChange = undefined;
    if (next instanceof Error) throw next;
    this.pending = next;
    return next;
  }

  consumePendingChange(): ConfigChange | undefined {
    const pending = this.pending;
    this.pending = undefined;
    return pending;
  }

  apply(change: ConfigChange): void {
    this.current = change.updated;
    for (const listener of this.listeners) listener(change);
  }

  onChange(listener: (change: ConfigChange) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const DEFAULTS: BotConfig = {
  profile: 'demo',
  world: 'paper',
  botId: 'perps-bot',
  symbols: ['BTC-PERP'],
  derivatives: true,
  dryRun: false,
  updateIntervalMs: 5_000,
  strategy: {
    name: 'baseline',
    shortMa: 5,
    longMa: 20,
    targetLeverage: 2,
    trailingStop: d('0.01'),
    enableShorts: false,
    positionFraction: d('0.05'),
    disableNewEntries: false,
    crossEpsilonBps: d('0'),
    crossConfirmBars: 0,
    onReduceOnly: 'hold',
    budgetMs: 5,
    perSymbol: {},
    filters: {
      maxSpreadBps: d('10'),
      minDepthL1: d('50000'),
      minDepthL10: d('200000'),
      minVolume1m: d('100000'),
      requireRsiConfirmation: true,
      rsiPeriod: 14,
      rsiOversold: 30,
      rsiOverbought: 70,
      minLiquidationBuffer: d('0.2'),
      maxSlippageImpactBps: d('15'),
    },
    params: {},
  },
  risk: {
    maxLeverage: d('5'),
    leverageMaxPerSymbol: {},
    dayLeverageMaxPerSymbol: {},
    nightLeverageMaxPerSymbol: {},
    dayMaintenancePerSymbol: {},
    nightMaintenancePerSymbol: {},
    minLiquidationBuffer: d('0.15'),
    preTradeLiquidationProjection: true,
    defaultMaintenanceRate: d('0.005'),
    maxExposurePct: d('0.8'),
    maxPositionPctPerSymbol: d('0.2'),
    maxNotionalPerSymbol: {},
    maxPositionSize: d('10000'),
    maxOrderSize: {},
    priceCollarBps: d('100'),
    passiveBand: d('0.5'),
    slippageGuardBps: d('50'),
    ordersPerMinute: 600,
    killSwitch: false,
    reduceOnly: false,
    maxMarkStalenessMs: 180_000,
    marketImpactGuard: false,
    maxMarketImpactBps: d('50'),
    dynamicPositionSizing: false,
    positionSizingMethod: 'intelligent',
    positionSizingMultiplier: d('1'),
    volatility: {
      enabled: false,
      window: 20,
      warning: d('0.15'),
      reduceOnly: d('0.2'),
      kill: d('0.25'),
      cooldownMs: 1_800_000,
    },
    concentrationLimit: d('0.4'),
    blindGuardMinutes: 5,
  },
  execution: {
    timeInForce: 'GTC',
    previewOrders: false,
    previewFailClosed: false,
    postOnly: false,
    requestExpiryMs: 2_000,
    requestTimeoutMs: 10_000,
    resendsPerMinute: 600,
    onShutdown: 'protect',
    maxUncoveredMs: 10_000,
    // As in tests of the package: their venues cover nothing, and entries rest all the same.
    allowUncoveredEntries: true,
    deadManMs: 60_000,
    skipStartupReconcile: false,
    slippageMultipliers: {},
    collateral: ['USDT'],
    sizingMode: 'conservative',
    maxImpactBps: d('15'),
  },
  streaming: { enabled: true, level: 1, journalSampleMs: 1_000, reconnectMinMs: 100, reconnectMaxMs: 5_000 },
  session: {},
  tasks: {
    guardsMs: 60_000,
    orderReconcileMs: 45_000,
    positionReconcileMs: 90_000,
    accountTelemetryMs: 300_000,
    cycleErrorBudget: 10,
    fatalStarts: 3,
    stopBudgetMs: 1_000,
  },
  storage: { driver: 'memory' },
  simulation: {
    equity: d('10000'),
    seed: 7,
    quoteIntervalMs: 250,
    startPrices: { 'BTC-PERP': d('50000') },
    barHalfSpreadBps: d('0'),
    speed: 'max',
    matching: {
      barPath: 'pessimistic',
      queue: 'risk_averse',
      queueExponent: 3,
      tradeLiquidity: 'each_print',
      exitsEndWithPosition: true,
      selfTrade: 'expire_maker',
      maxOpenOrders: 200,
      maxConditionalOrders: 200,
    },
    latency: { orderMs: 0, responseMs: 0 },
    margin: {
      mode: 'cross',
      positionMode: 'one_way',
      leverage: {},
      liquidation: true,
      liquidationFee: d('0.0125'),
      insuranceFund: d('0'),
      autoDeleveraging: true,
    },
    venues: {},
    feeTiers: {},
  },
  instruments: { 'BTC-PERP': instrumentSpec() },
  account: { apply: false },
  venue: { environment: 'live', maxLagMs: 5_000 },
  logging: { level: 'error', json: true },
};
