import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  createBot,
  Decimal,
  DrivenClock,
  DrivenScheduler,
  TOKENS,
  type BackgroundTask,
  type BotContainer,
  type Lifecycle,
  type PerpsBot,
  type StatusSource,
  type StrategyDefinition,
  type Token,
} from 'perpsbot';
import { FixedConfigController, resolveConfig } from '#config/index.js';
import { VENUE_ROLES } from '#di/venue-roles.js';
import { token, tokenName } from '#src/injection/token.js';

const CONFIG = {
  profile: 'demo',
  simulation: { seed: 1, speed: 'max' },
  storage: { driver: 'memory' },
  logging: { level: 'error' },
};

interface Row {
  /** What somebody else asks of it within two cycles. */
  readonly calls: string;
  /** Why two quiet cycles would not reach it, and what makes it be reached. */
  readonly because?: string;
  readonly config?: object;
  readonly first?: (bot: PerpsBot) => Promise<void>;
  /** Stands in the place of what is not made by a class of its own. */
  readonly idle?: object;
}

/** A task that does nothing until it is told to end. */
const idleTask = (name: string): BackgroundTask => ({
  name,
  enabled: true,
  run: (signal) => new Promise((done) => signal.addEventListener('abort', () => done())),
});
const taskRow = (name: string): Row => ({ calls: 'run', idle: idleTask(name) });

const directory = mkdtempSync(join(tmpdir(), 'perpsbot-rebind-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An order of the first mark, by hand. */
async function buy(bot: PerpsBot): Promise<void> {
  await bot.runCycle();
  const notional = bot.container
    .get(TOKENS.coreServices.ProductCatalogue)
    .instrument('BTC-PERP')
    .toUnits(new Decimal(500), 'floor');
  bot.executeDecision('BTC-PERP', { action: 'buy', reason: 'by hand', notional });
}

/** Funds by hand: the exchange inside has no treasury and refuses. */
async function move(bot: PerpsBot): Promise<void> {
  const request = { fromPortfolio: 'a', toPortfolio: 'b', asset: 'USDT', amount: new Decimal(1) };
  await expect(bot.container.get(TOKENS.accounting.AccountManager).moveFunds(request)).rejects.toMatchObject({
    code: 'VENUE-003',
  });
}

const { contributions, coreServices, ...rest } = TOKENS;
const { StrategyDefinition: Definition, ...core } = coreServices;

/** Every token, and the member through which its replacement must be reached. A token without a row fails. */
const ROWS: {
  readonly [
    Name in
      | keyof typeof core
      | keyof typeof rest.configuration
      | keyof typeof rest.runtimeState
      | keyof typeof rest.storage
      | keyof typeof rest.marketData
      | keyof typeof rest.accounting
      | keyof typeof rest.marketServices
      | keyof typeof rest.streaming
  ]: Row;
} = {
  ConfigController: { calls: 'refreshIfChanged' },
  Clock: { calls: 'now' },
  VenueTime: { calls: 'boundMs' },
  Scheduler: { calls: 'sleep' },
  HostClock: { calls: 'monotonic' },
  HostScheduler: { calls: 'after' },
  BuildIdentity: { calls: 'digest', idle: { digest: 'x' } },
  Random: { calls: 'stream' },
  Files: {
    calls: 'writeAtomic',
    because: 'a bot without a directory writes no file',
    config: { storage: { driver: 'sqlite', directory } },
  },
  Redactor: { calls: 'plain' },
  VenueCredentials: {
    calls: 'read',
    because: 'the exchange inside has no key',
    first: async ({ container }) => {
      const key = container.get(TOKENS.configuration.VenueCredentials).read('live');
      await expect(key).rejects.toMatchObject({ code: 'CFG-009' });
    },
  },
  LogOutput: {
    calls: 'write',
    because: 'nothing is worth a line at level error',
    config: { logging: { level: 'info' } },
  },
  Logger: { calls: 'info' },
  SessionGuard: { calls: 'shouldTrade' },
  MarkLock: { calls: 'enter' },
  WindowStore: { calls: 'append' },
  SeriesStore: { calls: 'append' },
  MarkFreshness: { calls: 'touch' },
  QuotePrices: { calls: 'take' },
  LastDecisions: { calls: 'record' },
  OrderStats: { calls: 'attempted' },
  GateLedger: { calls: 'hold' },
  PendingWork: { calls: 'idle' },
  Trace: { calls: 'decision' },
  Portfolio: { calls: 'mark' },
  OpenOrders: { calls: 'all' },
  VenueContact: { calls: 'answered' },
  ForeignOrders: { calls: 'listing' },
  EventStore: { calls: 'appendDurable' },
  AccountLock: { calls: 'take' },
  OrdersStore: { calls: 'load' },
  OperatorRequests: { calls: 'waiting', because: 'two cycles decide nothing', first: buy },
  SafetyLadder: { calls: 'restore' },
  Brokerage: { calls: 'getQuote' },
  VenueSession: { calls: 'connect' },
  Instruments: { calls: 'listProducts' },
  MarketFeed: { calls: 'getQuote' },
  OrderEntry: { calls: 'placeOrder', because: 'two cycles decide nothing', first: buy },
  AccountAccess: { calls: 'listPositions' },
  AccountSettings: {
    calls: 'setLeverage',
    because: 'a bot changes no setting of its account by itself',
    first: (bot) => bot.container.get(TOKENS.coreServices.AccountSettings).setLeverage('BTC-PERP', 2),
  },
  Treasury: { calls: 'moveFunds', because: 'money is moved by hand, and here there is nowhere to', first: move },
  ProductCatalogue: { calls: 'instrument' },
  Protection: { calls: 'onMark' },
  ImpactEstimator: {
    calls: 'estimate',
    because: 'only the impact guard asks for an estimate, and only about an order',
    config: { risk: { marketImpactGuard: true } },
    first: buy,
  },
  FundingOutlook: {
    calls: 'find',
    because: 'only the funding window asks, and only about an entry',
    config: { risk: { fundingWindow: '1h', maxFundingCost: '5bps' } },
    first: buy,
  },
  EntryPermit: { calls: 'objection', because: 'two cycles send nothing', first: buy },
  RiskManager: { calls: 'checkMarkStaleness' },
  StrategyRegistry: { calls: 'strategyFor' },
  StrategyHost: { calls: 'take' },
  IndicatorData: { calls: 'refresh' },
  StrategyOrchestrator: { calls: 'processSymbol' },
  OrderLog: { calls: 'open' },
  AccountStream: { calls: 'open' },
  RequestBudget: { calls: 'sent' },
  DeadManSwitch: { calls: 'begin' },
  OrderGateway: { calls: 'resolveUnknown' },
  ExecutionEngine: { calls: 'cancelAll' },
  RuntimeGuards: { calls: 'runAll' },
  OrderReconciler: { calls: 'reconcile' },
  PositionReconciler: { calls: 'reconcile' },
  ExecutionCoordinator: { calls: 'runRuntimeGuards' },
  VenueTimekeeper: { calls: 'begin' },
  RuntimeCoordinator: { calls: 'reconcileStateOnStartup' },
  AccountReview: {
    calls: 'reconcile',
    because: 'only a person asks in what bot and venue differ',
    first: async ({ container }) => {
      const report = await container.get(TOKENS.coreServices.OperatorControl).review?.reconcile();
      expect(report?.agreed).toBe(true);
    },
  },
  OperatorControl: { calls: 'honour' },
  ControlDoor: { calls: 'start' },
  SystemMonitor: { calls: 'writeHealthStatus' },
  RuntimeGuardsTask: taskRow('runtime-guards'),
  OrderReconciliationTask: taskRow('order-reconciliation'),
  PositionReconciliationTask: taskRow('position-reconciliation'),
  AccountTelemetryTask: taskRow('account-telemetry'),
  ImpactBooksTask: taskRow('impact-books'),
  VenueTimeTask: taskRow('venue-time'),
  MarketData: { calls: 'updateMarks' },
  AccountManager: { calls: 'snapshot' },
  AccountTelemetry: { calls: 'run' },
  MarketMonitor: { calls: 'recordUpdate' },
  TradingCycle: { calls: 'run' },
  PartsSupervisor: { calls: 'start' },
  LifecycleService: { calls: 'run' },
  Streaming: { calls: 'start' },
};

/** One object under several names: both of the paper world's time, and the venue with its roles. */
const ALIASES: ReadonlyMap<symbol, Token<object>> = new Map<symbol, Token<object>>([
  [TOKENS.configuration.Clock, DrivenClock as Token<object>],
  [TOKENS.configuration.Scheduler, DrivenScheduler as Token<object>],
  ...Object.values(VENUE_ROLES).map((role) => [role, TOKENS.coreServices.Brokerage as Token<object>] as const),
]);

/** Stands in front of the real thing and writes down what is asked of it. */
function recording<T extends object>(real: T, asked: Set<string>): T {
  return new Proxy(real, {
    get(target, key, receiver) {
      if (typeof key === 'string') asked.add(key);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
}

const shipped = createBot({ config: CONFIG });

/**
 * Rebinds `id` to a recording replacement. The class behind it is bound nowhere else: nobody can still hold the
 * original.
 */
function replace(container: BotContainer, id: Token<object>, config: object, asked: Set<string>): void {
  const wrap = (real: object): object => recording(real, asked);
  if ((id as symbol) === TOKENS.configuration.ConfigController) {
    container.rebind(id).toConstantValue(wrap(new FixedConfigController(resolveConfig(config))));
    return;
  }
  const { idle } = ROWS[tokenName(id) as keyof typeof ROWS];
  if (idle !== undefined) {
    container.rebind(id).toConstantValue(wrap(idle));
    return;
  }
  let original = ALIASES.get(id);
  if (original === undefined) {
    original = token<object>('Original');
    container
      .bind(original)
      .to(shipped.container.get(id).constructor as new () => object)
      .inSingletonScope();
  }
  container.rebind(id).toResolvedValue(wrap, [original]).inSingletonScope();
}

const rebindable = [core, ...Object.values(rest)].flatMap((group) => Object.values(group) as Token<object>[]);

describe('every token can be rebound, and a bot with the replacement opens, cycles twice and stops', () => {
  it.each(rebindable.map((id) => [tokenName(id), id] as const))('%s', async (name, id) => {
    const { calls, config = {}, first } = ROWS[name as keyof typeof ROWS];
    const asked = new Set<string>();
    const settings = { ...CONFIG, ...config };
    const bot = createBot({ config: settings, overrides: (container) => replace(container, id, settings, asked) });
    expect(bot.composition.verify().problems).toEqual([]);
    await bot.open();
    await first?.(bot);
    await bot.run({ cycles: 2 });
    expect(asked).toContain(calls);
    expect(bot.container.get(TOKENS.configuration.Scheduler).pending).toBe(0);
  });

  it('and no token is left out', () => {
    expect(rebindable.map(tokenName).sort()).toEqual(Object.keys(ROWS).sort());
    expect(Object.keys(contributions).sort()).toEqual(['BackgroundTask', 'Lifecycle', 'StatusSource']);
  });
});

describe('contributions are added, not replaced', () => {
  async function cycledTwice(overrides: (container: BotContainer) => void, config: object = {}): Promise<PerpsBot> {
    const bot = createBot({ config: { ...CONFIG, ...config }, overrides });
    expect(bot.composition.verify().problems).toEqual([]);
    await bot.run({ cycles: 2 });
    return bot;
  }

  it('Lifecycle', async () => {
    const asked: string[] = [];
    const part: Lifecycle = {
      name: 'mine',
      start: () => void asked.push('start'),
      stop: () => void asked.push('stop'),
    };
    await cycledTwice((container) => container.bind(contributions.Lifecycle).toConstantValue(part));
    expect(asked).toEqual(['start', 'stop']);
  });

  it('BackgroundTask: names and order are those of the seed, and one is replaced alone', () => {
    const names = (container: BotContainer): string[] =>
      container.getAll(contributions.BackgroundTask).map((task) => task.name);
    const { container } = createBot({
      config: CONFIG,
      overrides: (open) => open.rebind(core.OrderReconciliationTask).toConstantValue(idleTask('mine')),
    });
    const seed = [
      'runtime-guards',
      'order-reconciliation',
      'impact-books',
      'position-reconciliation',
      'venue-time',
      'account-telemetry',
    ];
    expect(names(shipped.container)).toEqual(seed);
    expect(names(container)).toEqual(seed.map((name) => (name === 'order-reconciliation' ? 'mine' : name)));
  });

  it('BackgroundTask', async () => {
    const asked: string[] = [];
    const task: BackgroundTask = {
      name: 'mine',
      enabled: true,
      run: (signal) => new Promise((done) => signal.addEventListener('abort', () => done(void asked.push('aborted')))),
    };
    await cycledTwice((container) => container.bind(contributions.BackgroundTask).toConstantValue(task));
    expect(asked).toEqual(['aborted']);
  });

  it('StatusSource', async () => {
    let times = 0;
    const source: StatusSource = { name: 'mine', status: () => ({ times: (times += 1) }) };
    await cycledTwice((container) => container.bind(contributions.StatusSource).toConstantValue(source));
    expect(times).toBeGreaterThanOrEqual(2);
  });

  it('StrategyDefinition', async () => {
    const asked: string[] = [];
    const definition: StrategyDefinition = {
      name: 'mine',
      parameters: [],
      lookback: () => 1,
      create: () => ({
        name: 'mine',
        lookback: 1,
        needsSnapshot: false,
        decide: ({ mark }) => (asked.push(String(mark)), { action: 'hold', reason: 'mine' }),
        onFill: () => undefined,
        snapshot: () => undefined,
        restore: () => undefined,
      }),
    };
    const bot = await cycledTwice((container) => container.bind(Definition).toConstantValue(definition), {
      strategy: { name: 'mine' },
    });
    expect(asked.length).toBeGreaterThan(0);
    expect(bot.lastDecisions.find('BTC-PERP')?.decision.reason).toBe('mine');
  });
});

describe('a replacement that plays none of the roles of what it replaces', () => {
  it('leaves them empty: nothing is started, run or told in the name of the original', () => {
    const { marketData, coreServices: services, marketServices, streaming } = TOKENS;
    const bare = [
      marketData.MarketData,
      services.ImpactEstimator,
      services.AccountStream,
      services.RuntimeGuards,
      marketServices.MarketMonitor,
      streaming.Streaming,
    ];
    const { composition } = createBot({
      config: CONFIG,
      overrides: (container) => {
        for (const id of bare as Token<object>[])
          container.rebind(id).toConstantValue({ name: `bare ${tokenName(id)}` });
      },
    });
    const { container } = composition;
    expect(composition.verify().problems).toEqual([]);
    const part = container.getAll(contributions.Lifecycle).find(({ name }) => name === 'market-data');
    expect([part?.start(), part?.stop()]).toEqual([undefined, undefined]);
    expect(container.getAll(contributions.BackgroundTask).find(({ name }) => name === 'impact-books')?.enabled).toBe(
      false,
    );
    const told = container
      .getAll(contributions.StatusSource)
      .filter(({ name }) => ['account', 'guards', 'market-data', 'market-monitor', 'streaming'].includes(name));
    expect(told.map((source) => source.status())).toEqual([{}, {}, {}, {}, {}]);
  });

  it('takes the original out of them: a bot on another stream starts no second one', async () => {
    const started: string[] = [];
    const bot = createBot({
      config: CONFIG,
      overrides: (container) => {
        const marketData = shipped.container.get(TOKENS.marketData.MarketData);
        const mine = {
          name: 'my-stream',
          marketData,
          isRunning: false,
          start: () => void started.push('mine'),
          stop: () => undefined,
          open: () => undefined,
          close: async () => undefined,
          restart: async () => undefined,
        };
        container.rebind(TOKENS.streaming.Streaming).toConstantValue(mine);
      },
    });
    await bot.run({ cycles: 2 });
    expect(started).toEqual(['mine']);
    expect(
      bot.container
        .getAll(contributions.StatusSource)
        .find(({ name }) => name === 'streaming')
        ?.status(),
    ).toEqual({});
  });
});
