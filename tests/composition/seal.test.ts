import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import {
  Container,
  ContainerModule,
  injectable,
  type BindToFluentSyntax,
  type ContainerModuleLoadOptions,
} from 'inversify';
import {
  BackgroundTask,
  createBot,
  Lifecycle,
  MarkLock,
  MarketData,
  StatusSource,
  StrategyDefinition,
  Streaming,
  token,
  type BotContainer,
} from 'perpsbot';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';

const CONFIG = {
  profile: 'demo',
  simulation: { seed: 1, speed: 'max' },
  storage: { driver: 'memory' },
  logging: { level: 'error' },
};
const botUnder = (parent?: Container, overrides?: (container: BotContainer) => void): BotContainer =>
  createBot({
    config: CONFIG,
    ...(parent === undefined ? {} : { parent }),
    ...(overrides === undefined ? {} : { overrides }),
  }).container;
const refused = (code: string): unknown => expect.objectContaining({ code });
const childOf = (parent: Container): Container => new Container({ parent });
const Extra = token<object>('Extra');

describe('the seal closes with the first service that anybody is given', () => {
  it.each<[string, (container: BotContainer) => unknown]>([
    ['get', (container) => container.get(MarkLock)],
    ['get, optional', (container) => container.get(MarkLock, { optional: true })],
    ['getAll', (container) => container.getAll(Lifecycle)],
    ['getAsync', (container) => container.getAsync(MarkLock)],
    ['getAllAsync', (container) => container.getAllAsync(MarkLock)],
    ['a child of it', (container) => childOf(container).get(MarkLock)],
    ["a child's child, asking for many", (container) => childOf(childOf(container)).getAll(StatusSource)],
    ['a child, asynchronously', (container) => childOf(container).getAsync(Streaming)],
    [
      "a child's resolved value",
      (container) => {
        const child = childOf(container);
        child.bind(Extra).toResolvedValue((lock: object) => lock, [MarkLock]);
        return child.get(Extra);
      },
    ],
    [
      "a child's dynamic value",
      (container) => {
        const child = childOf(container);
        child.bind(Extra).toDynamicValue(({ get }) => get(MarkLock));
        return child.get(Extra);
      },
    ],
    [
      'a child, for a service with a name',
      (container) => {
        container.bind(Extra).toConstantValue({}).whenNamed('mine');
        return childOf(container).get(Extra, { name: 'mine' });
      },
    ],
    [
      'a child that has asked before it was bound',
      (container) => {
        const child = childOf(container);
        child.get(Extra, { optional: true });
        container.bind(Extra).toConstantValue({});
        return child.get(Extra, { optional: true });
      },
    ],
  ])('%s', async (_name, ask) => {
    const container = botUnder();
    await ask(container);
    expect(container.sealed).toBe(true);
    expect(() => container.rebind(MarkLock)).toThrow(refused('DI-007'));
  });

  it('and not with a question', () => {
    const container = botUnder();
    expect([container.isBound(MarkLock), childOf(container).isBound(MarkLock)]).toEqual([true, true]);
    expect(childOf(container).get(Extra, { optional: true })).toBeUndefined();
    expect(container.sealed).toBe(false);
  });

  it('closes every door that could change what is handed out', async () => {
    let kept: BindToFluentSyntax<object> | undefined;
    let options: ContainerModuleLoadOptions | undefined;
    const module = new ContainerModule((given) => void (options = given));
    const container = botUnder(undefined, (open) => {
      kept = open.bind(Extra);
      open.load(module);
    });
    const scoped = container.rebind(MarkLock).to(ReentrantMarkLock);
    container.get(MarkLock);
    const doors: (() => unknown)[] = [
      () => container.bind(Extra),
      () => container.rebind(MarkLock),
      () => container.unbind(MarkLock),
      () => container.unbind(scoped.getIdentifier()),
      () => container.unbindAll(),
      () => container.load(module),
      () => container.unload(module),
      () => container.snapshot(),
      () => container.restore(),
      () => container.onActivation(MarkLock, (_context, lock) => lock),
      () => container.onDeactivation(MarkLock, () => undefined),
      () => container.register(class Spy {}),
      () => kept?.toConstantValue({}),
      () => scoped.inTransientScope(),
      () => scoped.onActivation((_context, lock) => lock),
      () => scoped.whenNamed('never'),
      () => options?.bind(MarkLock),
      () => options?.rebind(MarkLock),
      () => options?.unbind(MarkLock),
      () => options?.onActivation(MarkLock, (_context, lock) => lock),
    ];
    for (const door of doors) expect(door).toThrow(refused('DI-007'));
    const later: (() => Promise<unknown> | undefined)[] = [
      () => container.rebindAsync(MarkLock),
      () => container.unbindAsync(MarkLock),
      () => container.unbindAllAsync(),
      () => container.loadAsync(module),
      () => container.unloadAsync(module),
      () => options?.rebindAsync(MarkLock),
      () => options?.unbindAsync(MarkLock),
    ];
    for (const door of later) await expect(door()).rejects.toEqual(refused('DI-007'));
  });
});

describe('one lock for everybody', () => {
  it("whatever a child binds: the bot's services are made by the bot", () => {
    const container = botUnder();
    const child = childOf(container);
    child.bind(MarkLock).to(ReentrantMarkLock).inSingletonScope();
    child.onActivation(MarketData, () => undefined as never);
    const lock = child.get(Streaming).marketData.markLock;
    expect(lock).toBe(container.get(MarkLock));
    expect(child.get(MarketData)).toBe(container.get(MarketData));
    expect(child.get(MarkLock)).not.toBe(lock);
  });

  it('not made of what only a child has', () => {
    const container = botUnder(undefined, (open) => open.unbind(MarkLock));
    const child = childOf(container);
    child.bind(MarkLock).to(ReentrantMarkLock).inSingletonScope();
    expect(() => child.get(Streaming)).toThrow(refused('DI-001'));
  });

  it('not taken down by a child that would unbind what it does not bind', async () => {
    const down: object[] = [];
    const container = botUnder(undefined, (open) => {
      open
        .rebind(MarkLock)
        .to(ReentrantMarkLock)
        .inSingletonScope()
        .onDeactivation((lock) => void down.push(lock));
    });
    const lock = container.get(MarkLock);
    const child = childOf(container);
    expect(() => child.unbind(MarkLock)).toThrow(refused('DI-007'));
    expect(() => child.rebind(MarkLock)).toThrow(refused('DI-007'));
    await expect(child.unbindAsync(MarkLock)).rejects.toEqual(refused('DI-007'));
    expect([down, child.get(MarkLock)]).toEqual([[], lock]);
  });

  it('where it was given up and the host brings one later, whoever had asked before there was any', () => {
    for (const asks of ['bot', 'child', 'grandchild'] as const) {
      const host = new Container();
      const bot = botUnder(host);
      const child = childOf(bot);
      const asker = { bot, child, grandchild: childOf(child) }[asks];
      bot.unbind(MarkLock);
      const early = (): unknown => asker.get(MarkLock, { optional: true });
      if (asks === 'bot') expect(early()).toBeUndefined();
      else expect(early).toThrow(refused('DI-001'));
      host.bind(MarkLock).to(ReentrantMarkLock);
      const locks = [asker, bot, child].flatMap((each) => [each.get(MarkLock), each.get(MarkLock, { optional: true })]);
      expect([asks, new Set(locks).size]).toEqual([asks, 1]);
    }
  });

  it('when a scope was forgotten', () => {
    const container = botUnder(undefined, (open) => open.rebind(MarkLock).to(ReentrantMarkLock));
    expect(container.get(MarketData).markLock).toBe(container.get(MarkLock));
  });

  it.each<[string, (open: BotContainer) => unknown]>([
    ['an alias', (open) => open.rebind(MarkLock).toService(Extra)],
    ['giving up its own', (open) => open.unbind(MarkLock)],
  ])("when it is the host's, by %s, and transient there", (_name, override) => {
    const host = new Container();
    for (const id of [Extra, MarkLock]) host.bind(id).to(ReentrantMarkLock).inTransientScope();
    const container = botUnder(host, (open) => void override(open));
    const lock = childOf(container).get(MarkLock);
    expect(container.get(MarketData).markLock).toBe(lock);
    for (const id of [Extra, MarkLock]) host.rebind(id).to(ReentrantMarkLock);
    expect(container.get(MarkLock)).toBe(lock);
  });

  it('after a snapshot was restored: the bindings of before it hold, later ones are refused', () => {
    const container = botUnder();
    const mine = container.rebind(MarkLock).to(ReentrantMarkLock);
    container.snapshot();
    container.rebind(MarkLock).toConstantValue({} as never);
    container.restore();
    expect(() => mine.inTransientScope()).toThrow(refused('DI-007'));
    expect(container.get(MarkLock)).toBeInstanceOf(ReentrantMarkLock);
    expect(container.get(MarketData).markLock).toBe(container.get(MarkLock));
  });
});

describe('contributions lose no member', () => {
  const members = [Lifecycle, BackgroundTask, StatusSource, StrategyDefinition];

  it.each(members.map((id) => [id.description, id] as const))('%s', async (_name, id) => {
    const container = botUnder();
    const mine = container.bind(id).toConstantValue({ name: 'mine' });
    expect(() => container.rebind(id)).toThrow(refused('DI-011'));
    expect(() => container.unbind(id)).toThrow(refused('DI-011'));
    expect(() => container.unbind(mine.getIdentifier())).toThrow(refused('DI-011'));
    expect(() => container.unbindAll()).toThrow(refused('DI-011'));
    await expect(container.rebindAsync(id)).rejects.toEqual(refused('DI-011'));
    await expect(container.unbindAsync(id)).rejects.toEqual(refused('DI-011'));
    expect(container.getAll<object>(id)).toHaveLength(botUnder().getAll<object>(id).length + 1);
  });
});

@injectable()
class Bare {}

describe("Inversify's own signatures", () => {
  it('compile and work: optional, by name, by tag', async () => {
    const Missing = token<Bare>('Missing');
    const Named = token<Bare>('Named');
    const container = botUnder(undefined, (open) => {
      open.bind(Named).to(Bare).inSingletonScope().whenNamed('one');
      open.bind(Named).to(Bare).inSingletonScope().whenTagged('side', 'left');
    });
    const missing: Bare | undefined = container.get(Missing, { optional: true });
    const named: Bare = container.get(Named, { name: 'one' });
    const tagged: Bare = container.get(Named, { tag: { key: 'side', value: 'left' } });
    const later: Bare | undefined = await container.getAsync(Missing, { optional: true });
    const many: Bare[] = container.getAll(Named, { chained: true, name: 'one' });
    expect([missing, later, many]).toEqual([undefined, undefined, [named]]);
    expect(tagged).not.toBe(named);
    expect(container.isCurrentBound(Named, { name: 'one' })).toBe(true);
  });
});
