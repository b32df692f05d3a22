import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ContainerModule, injectable } from 'inversify';
import {
  Brokerage,
  createBot,
  inject,
  Lifecycle,
  BackgroundTask,
  MarketData,
  MarketMonitor,
  MarkFreshness,
  MarkLock,
  RiskManager,
  SessionGuard,
  StatusSource,
  StrategyDefinition,
  Streaming,
  token,
  TOKENS,
  WindowStore,
  type BarSource,
  type BotContainer,
  type Composition,
} from 'perpsbot';
import { composeBot, phasesFor } from '#di/create-bot.js';
import { PHASES } from '#di/phase.js';
import { tokenName } from '#src/injection/token.js';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';
import { UtcSessionGuard } from '#src/services/runtime/state/utc-session-guard.js';
import { AbsentVenue } from '#src/venues/absent/absent-venue.js';
import { added } from '../support/resources.js';

const recording: BarSource = { symbol: 'BTC-PERP', intervalMs: 60_000, bars: [] };
const quiet = { storage: { driver: 'memory' }, logging: { level: 'error' } };
type Overrides = (container: BotContainer) => void;

const WORLDS = {
  'paper on a generated market': (overrides?: Overrides) => composed({ profile: 'demo', ...quiet }, overrides),
  'paper on a generated market at full speed': (overrides?: Overrides) =>
    composed({ profile: 'demo', simulation: { speed: 'max' }, ...quiet }, overrides),
  'paper on a recorded market': (overrides?: Overrides) =>
    composed({ profile: 'demo', ...quiet }, overrides, recording),
  'paper with a file': (overrides?: Overrides) =>
    composed({ profile: 'demo', storage: { directory: '/nowhere' } }, overrides),
  'paper with the advanced engine': (overrides?: Overrides) =>
    composed({ profile: 'demo', risk: { marketImpactGuard: true }, ...quiet }, overrides),
  backtest: (overrides?: Overrides) => composed({ profile: 'demo', world: 'backtest', ...quiet }, overrides),
  'backtest with a file': (overrides?: Overrides) =>
    composed({ profile: 'demo', world: 'backtest', storage: { directory: '/nowhere' } }, overrides),
  live: (overrides?: Overrides) => composed({ profile: 'canary', storage: { directory: '/nowhere' } }, overrides),
};

function composed(config: object, overrides?: Overrides, recorded?: BarSource): Composition {
  return composeBot({
    config,
    ...(overrides === undefined ? {} : { overrides }),
    ...(recorded === undefined ? {} : { recording: recorded }),
  });
}

const problems = (composition: Composition): string[] =>
  composition.verify().problems.map(({ code, message }) => `${code} ${message}`);
const everyToken = Object.values(TOKENS).flatMap((group) => (Object.values(group) as symbol[]).map(tokenName));
const CONTRIBUTIONS = new Set(['Lifecycle', 'BackgroundTask', 'StatusSource', 'StrategyDefinition']);

describe.each(Object.entries(WORLDS))('the shipped world %s', (_name, make) => {
  let composition: Composition;
  beforeEach(() => {
    composition = make();
  });

  it('passes verification', () => {
    expect(composition.verify()).toEqual({ ok: true, services: expect.any(Number), problems: [] });
  });

  it('shows all eight phases and every token in the graph of its own plan', () => {
    const { nodes } = composition.graph();
    expect(new Set(nodes.map(({ phase }) => phase))).toEqual(new Set(PHASES));
    const shown = new Set(nodes.map((node) => node.token));
    expect(everyToken.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('has no dependency on a later phase but contributions', () => {
    const { nodes, edges } = composition.graph();
    const phaseOf = new Map(nodes.map(({ token: name, number }) => [name, number]));
    const forward = edges.filter(
      ({ from, to }) =>
        !CONTRIBUTIONS.has(to) && !CONTRIBUTIONS.has(from) && (phaseOf.get(to) ?? 0) > (phaseOf.get(from) ?? 0),
    );
    expect(forward).toEqual([]);
    expect(edges.length).toBeGreaterThan(150);
  });

  it('shares one lock and one window store between everybody', () => {
    const { container } = composition;
    const [lock, windows] = [container.get(MarkLock), container.get(WindowStore)];
    expect(container.get(MarketData).markLock).toBe(lock);
    expect(container.get(MarketData).windows).toBe(windows);
    expect(container.get(Streaming).marketData).toBe(container.get(MarketData));
    expect(container.get(RiskManager).lastMarkUpdate).toBe(container.get(MarkFreshness));
  });
});

describe('the builder', () => {
  it('loads its phases in the order of di/modules', () => {
    expect(
      phasesFor(composed({ profile: 'demo' }).container.get(TOKENS.configuration.ConfigController).current).map(
        ({ name }) => name,
      ),
    ).toEqual(PHASES);
  });

  it('collects contributions in the order in which they were bound', () => {
    const { container } = WORLDS['paper on a generated market']();
    expect(container.getAll(Lifecycle).map(({ name }) => name)).toEqual([
      'journal',
      'crash-latch',
      'generated-market',
      'control-door',
      'runtime-coordinator',
      'operator-requests',
      'strategy-state',
      'protective-stops',
      'trading-tally',
      'strategy-host',
      'market-data',
      'streaming',
    ]);
    expect(container.getAll(BackgroundTask).map(({ name }) => name)).toEqual([
      'runtime-guards',
      'order-reconciliation',
      'impact-books',
      'position-reconciliation',
      'venue-time',
      'account-telemetry',
    ]);
    expect(container.getAll(StrategyDefinition).map(({ name }) => name)).toEqual(['baseline', 'enhanced']);
    expect(container.getAll(StatusSource).map(({ name }) => name)).toEqual([
      'risk',
      'strategy-host',
      'account',
      'guards',
      'protective-stops',
      'venue-time',
      'market-data',
      'market-monitor',
      'streaming',
    ]);
  });

  it.each<[string, (container: BotContainer) => unknown]>([
    ['get', (container) => container.get(MarkLock)],
    ['getAll', (container) => container.getAll(Lifecycle)],
    ['getAsync', (container) => container.getAsync(MarkLock)],
    ['getAllAsync', (container) => container.getAllAsync(Lifecycle)],
  ])(
    'seals the container at its first %s: what a consumer holds is never replaced behind its back',
    async (_name, take) => {
      const sealed = expect.objectContaining({ code: 'DI-007' });
      const { container } = createBot({ config: { profile: 'demo', ...quiet } });
      expect(container.sealed).toBe(false);
      await take(container);
      expect(container.sealed).toBe(true);
      expect(() => container.bind(Lifecycle)).toThrow(sealed);
      expect(() => container.rebind(MarkLock)).toThrow(sealed);
      expect(() => container.unbind(MarkLock)).toThrow(sealed);
      const module = new ContainerModule(({ bind }) => void bind(MarkLock).to(ReentrantMarkLock));
      expect(() => container.load(module)).toThrow(sealed);
      await expect(container.loadAsync(module)).rejects.toEqual(sealed);
      await expect(container.rebindAsync(MarkLock)).rejects.toEqual(sealed);
    },
  );

  it('lets what was bound beforehand win over its own choice', () => {
    const lock = new ReentrantMarkLock();
    const { container } = WORLDS['paper on a generated market']((fresh) =>
      fresh.rebind(MarkLock).toConstantValue(lock),
    );
    expect(container.get(MarketData).markLock).toBe(lock);
  });

  it('builds every service without opening, reading or scheduling anything (B-25)', () => {
    const before = process.getActiveResourcesInfo();
    const { container } = WORLDS['paper with a file']();
    for (const group of Object.values(TOKENS)) for (const id of Object.values(group)) container.getAll(id as never);
    expect([
      container.get(TOKENS.configuration.Scheduler).pending,
      container.get(TOKENS.configuration.HostScheduler).pending,
    ]).toEqual([0, 0]);
    expect(added(before)).toEqual([]);
  });

  it('has no side effect on import: no output, no timer, no listener, no global, and the process ends by itself', () => {
    const script = `
      const globals = new Set(Object.getOwnPropertyNames(globalThis));
      const listeners = () => process.eventNames().map((name) => [String(name), process.listenerCount(name)]).sort();
      const before = JSON.stringify(listeners());
      const env = JSON.stringify(process.env);
      await import('./dist/index.js');
      const left = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'FSReqCallback' && kind !== 'CloseReq');
      process.stdout.write(JSON.stringify({ left, globals: Object.getOwnPropertyNames(globalThis).filter((name) => !globals.has(name)), listeners: JSON.stringify(listeners()) === before, env: JSON.stringify(process.env) === env }));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // zod keeps its registry on the global object; nothing of ours does.
    expect(JSON.parse(said)).toEqual({
      left: [],
      globals: ['__zod_globalConfig', '__zod_globalRegistry'],
      listeners: true,
      env: true,
    });
  });
});

const Twin = token<MarkLock>('Twin');

@injectable()
class LookingAhead extends UtcSessionGuard {
  constructor(
    @inject(TOKENS.configuration.ConfigController) config: ConstructorParameters<typeof UtcSessionGuard>[0],
    @inject(MarketMonitor) readonly monitor: MarketMonitor,
  ) {
    super(config);
  }
}

@injectable()
class Circular {
  readonly depth = 0;
  constructor(@inject(WindowStore) readonly windows: WindowStore) {}
  runExclusive<T>(section: () => T): T {
    return section();
  }
  enter(): void {}
  exit(): void {}
}

describe('a mistake in the wiring', () => {
  const mistakes: [string, keyof typeof WORLDS, Overrides, RegExp][] = [
    [
      'a missing binding',
      'paper on a generated market',
      (container) => container.unbind(MarkFreshness),
      /^DI-001 .*MarkFreshness/,
    ],
    [
      'shared state bound transient',
      'live',
      (container) => void container.rebind(MarkLock).to(ReentrantMarkLock).inTransientScope(),
      /^DI-004 MarkLock must be a singleton, was transient/,
    ],
    [
      'a live venue in the backtest world',
      'backtest',
      (container) => void container.rebind(Brokerage).to(AbsentVenue).inSingletonScope(),
      /^DI-005 The backtest world must not be wired to none \(live\)/,
    ],
    [
      'a live venue in the paper world',
      'paper on a generated market',
      (container) => void container.rebind(Brokerage).to(AbsentVenue).inSingletonScope(),
      /^DI-005 The paper world/,
    ],
    [
      'a class bound twice',
      'backtest',
      (container) => void container.bind(Twin).to(ReentrantMarkLock).inSingletonScope(),
      /^DI-006 ReentrantMarkLock is bound twice: as MarkLock and as Twin/,
    ],
    [
      'a dependency on a later phase',
      'live',
      (container) => void container.rebind(SessionGuard).to(LookingAhead).inSingletonScope(),
      /^DI-003 SessionGuard \(phase configuration\) must not depend on MarketMonitor \(later phase market-services\)/,
    ],
    [
      'a circle',
      'paper on a generated market',
      (container) => void container.rebind(MarkLock).to(Circular).inSingletonScope(),
      /^DI-002 .*(MarkLock.*WindowStore|WindowStore.*MarkLock)/,
    ],
    [
      'a binding that hides its dependencies',
      'backtest',
      (container) =>
        void container
          .rebind(MarkLock)
          .toDynamicValue(() => new ReentrantMarkLock())
          .inSingletonScope(),
      /^DI-008 MarkLock is bound with DynamicValue/,
    ],
  ];

  it.each(mistakes)('is named: %s', (_name, world, seed, expected) => {
    const found = problems(WORLDS[world](seed));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((problem) => !expected.test(problem))).toEqual([]);
  });
});
