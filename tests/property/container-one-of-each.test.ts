import 'reflect-metadata';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import {
  Container,
  ContainerModule,
  injectable,
  type BindingIdentifier,
  type BindToFluentSyntax,
  type ContainerModuleLoadOptions,
} from 'inversify';
import { createBot, inject, MarketData, MarkLock, Streaming, token, WindowStore, type Token } from 'perpsbot';
import { BotContainer } from '#di/container.js';
import { PerpsBotError } from '#src/domain/errors.js';
import { ReentrantMarkLock } from '#src/services/market-data/reentrant-mark-lock.js';
import { RingWindowStore } from '#src/services/market-data/ring-window-store.js';

interface Consumer {
  readonly markLock: object;
  readonly windows: object;
}
const First = token<Consumer>('First');
const Second = token<{ readonly first: Consumer; readonly markLock: object }>('Second');
const Other = token<object>('Other');

@injectable()
class FirstConsumer implements Consumer {
  constructor(
    @inject(MarkLock) readonly markLock: MarkLock,
    @inject(WindowStore) readonly windows: WindowStore,
  ) {}
}
@injectable()
class SecondConsumer {
  constructor(
    @inject(First) readonly first: Consumer,
    @inject(MarkLock) readonly markLock: MarkLock,
  ) {}
}

/** Everything that anybody was handed, by what it is. */
class Handed {
  readonly locks = new Set<object>();
  readonly stores = new Set<object>();

  consumer({ markLock, windows }: Consumer): void {
    this.locks.add(markLock);
    this.stores.add(windows);
  }
}

interface World {
  readonly host: Container;
  readonly bot: BotContainer;
  readonly children: readonly [Container, Container];
  readonly handed: Handed;
  /** Asks a container for the services that hold the two. */
  readonly consume: (container: Container, handed: Handed) => void;
  readonly late: BindToFluentSyntax<object>[];
  readonly options: ContainerModuleLoadOptions[];
  readonly ids: BindingIdentifier[];
  readonly modules: ContainerModule[];
  /** Tokens that the child has bound at some time. */
  readonly bound: Set<symbol>;
}

type Step = readonly [name: string, run: (world: World) => unknown];
const IDS: readonly Token<object>[] = [MarkLock as Token<object>, WindowStore as Token<object>];
const classOf = (id: Token<object>): new () => object =>
  (id as symbol) === MarkLock ? ReentrantMarkLock : (RingWindowStore as never);

/** Ways to say what a token stands for. */
const SAYINGS: readonly [string, (id: Token<object>, syntax: BindToFluentSyntax<object>, world: World) => unknown][] = [
  ['class', (id, syntax) => syntax.to(classOf(id))],
  ['singleton', (id, syntax) => syntax.to(classOf(id)).inSingletonScope()],
  ['value', (_id, syntax) => syntax.toConstantValue({})],
  ['dynamic', (_id, syntax) => syntax.toDynamicValue(() => ({}))],
  ['resolved', (_id, syntax) => syntax.toResolvedValue(() => ({}))],
  ['alias', (_id, syntax) => syntax.toService(Other)],
  ['activated', (_id, syntax) => syntax.toResolvedValue(() => ({})).onActivation(() => ({}))],
  ['kept', (_id, syntax, { late }) => late.push(syntax)],
  ['remembered', (_id, syntax, { ids }) => ids.push(syntax.toConstantValue({}).getIdentifier())],
];

/**
 * What is asked of a child counts as ours as long as the child never bound the token itself: Inversify keeps a child's
 * plan of its own binding when that is gone, and adds to it what the host binds later, past the bot.
 */
function take(container: Container, id: Token<object>, world: World, value: object | undefined): void {
  const isChilds = container !== world.bot && world.bound.has(id);
  if (value === undefined || isChilds) return;
  ((id as symbol) === MarkLock ? world.handed.locks : world.handed.stores).add(value);
}

/** Where several are bound, whoever wants one is refused (DI-009): nobody holds any of them. */
function takeOne(container: Container, id: Token<object>, world: World): void {
  const [value, ...others] = container.getAll(id);
  if (others.length === 0) take(container, id, world, value);
}

const changes = (name: string, of: (world: World) => Container, ids = IDS): Step[] =>
  ids.flatMap((id) => [
    ...SAYINGS.flatMap(([saying, say]): Step[] => [
      [`${name}.bind ${saying}`, (world) => say(id, of(world).bind(id), world)],
      [`${name}.rebind ${saying}`, (world) => say(id, of(world).rebind(id), world)],
    ]),
    [`${name}.rebindAsync`, async (world) => (await of(world).rebindAsync(id)).toConstantValue({})],
    [`${name}.unbind`, (world) => of(world).unbind(id)],
    [`${name}.unbindAsync`, (world) => of(world).unbindAsync(id)],
    [`${name}.onActivation`, (world) => of(world).onActivation(id, () => ({}))],
    [`${name}.onDeactivation`, (world) => of(world).onDeactivation(id, () => undefined)],
    [`${name}.unbindAll`, (world) => of(world).unbindAll()],
    [`${name}.unbindAllAsync`, (world) => of(world).unbindAllAsync()],
    [`${name}.snapshot`, (world) => of(world).snapshot()],
    [`${name}.restore`, (world) => of(world).restore()],
  ]);

const questions = (name: string, of: (world: World) => Container): Step[] =>
  IDS.flatMap((id): Step[] => [
    [`${name}.get`, (world) => take(of(world), id, world, of(world).get(id))],
    [`${name}.get optional`, (world) => take(of(world), id, world, of(world).get(id, { optional: true }))],
    [`${name}.getAll`, (world) => takeOne(of(world), id, world)],
    [`${name}.getAsync`, async (world) => take(of(world), id, world, await of(world).getAsync(id))],
    [`${name}.consume`, (world) => world.consume(of(world), world.handed)],
  ]);

const modules = (id: Token<object>): Step[] => [
  ['bot.load', (world) => world.bot.load(moduleOf(world, id))],
  ['bot.loadAsync', (world) => world.bot.loadAsync(moduleOf(world, id))],
  ['bot.unload', (world) => world.bot.unload(...world.modules)],
  ['bot.unloadAsync', (world) => world.bot.unloadAsync(...world.modules)],
  ['options.bind', (world) => world.options.at(-1)?.bind(id).toConstantValue({})],
  ['options.rebind', (world) => world.options.at(-1)?.rebind(id).toConstantValue({})],
  ['options.unbind', (world) => world.options.at(-1)?.unbind(id)],
  ['late.toConstantValue', (world) => world.late.at(-1)?.toConstantValue({})],
  ['late.toDynamicValue', (world) => world.late.at(-1)?.toDynamicValue(() => ({}))],
  ['bot.unbind by id', (world) => world.ids.slice(-1).forEach((each) => world.bot.unbind(each))],
  ['child.unbind by id', (world) => world.ids.slice(-1).forEach((each) => world.children[0].unbind(each))],
  ['bot.bind other', (world) => world.bot.bind(Other).toDynamicValue(() => ({}))],
  ['host.bind other', (world) => world.host.bind(Other).toDynamicValue(() => ({}))],
  ['bot.register', (world) => world.bot.register(class {})],
];

function moduleOf(world: World, id: Token<object>): ContainerModule {
  const module = new ContainerModule((options) => {
    world.options.push(options);
    options.rebind(id).toConstantValue({});
  });
  world.modules.push(module);
  return module;
}

const bindingOfChild = IDS.flatMap((id): Step[] =>
  changes('child', ({ children }) => children[0], [id]).map(([name, run]) => [
    name,
    (world) => {
      world.bound.add(id);
      return run(world);
    },
  ]),
);

const STEPS: readonly Step[] = [
  ...changes('bot', ({ bot }) => bot),
  ...bindingOfChild,
  ...changes('host', ({ host }) => host),
  ...IDS.flatMap(modules),
];
const ASKED: readonly Step[] = [
  ...questions('bot', ({ bot }) => bot),
  ...questions('child', ({ children }) => children[0]),
  ...questions('grandchild', ({ children }) => children[1]),
];

/** Steps that Inversify itself carries out, on containers that are not ours. */
const isOurs = (name: string): boolean => /^(bot|late|options)\b/.test(name);
const REFUSALS = new Set(['DI-001', 'DI-007', 'DI-009', 'DI-011', 'DI-013', 'DI-015']);

async function play(
  make: () => Omit<World, 'late' | 'options' | 'ids' | 'modules' | 'handed' | 'bound'>,
  steps: readonly Step[],
) {
  const world: World = {
    ...make(),
    handed: new Handed(),
    late: [],
    options: [],
    ids: [],
    modules: [],
    bound: new Set(),
  };
  for (const [name, run] of [...steps, ...ASKED]) {
    try {
      await run(world);
    } catch (error) {
      if (isOurs(name))
        expect([name, PerpsBotError.is(error) && REFUSALS.has(error.code), error]).toEqual([name, true, error]);
    }
  }
  expect([world.handed.locks.size, world.handed.stores.size].filter((count) => count > 1)).toEqual([]);
}

const sequence = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...STEPS) }, { weight: 1, arbitrary: fc.constantFrom(...ASKED) }),
  { maxLength: 12 },
);

function small(): ReturnType<Parameters<typeof play>[0]> {
  const host = new Container();
  const bot = new BotContainer({ parent: host });
  bot.bind(MarkLock).to(ReentrantMarkLock);
  bot.bind(WindowStore).toConstantValue({} as WindowStore);
  bot.bind(First).to(FirstConsumer);
  bot.bind(Second).to(SecondConsumer);
  const child = new Container({ parent: bot });
  return {
    host,
    bot,
    children: [child, new Container({ parent: child })],
    consume: (container, handed) => {
      const { first, markLock } = container.get(Second);
      handed.consumer(first);
      handed.locks.add(markLock);
    },
  };
}

function whole(): ReturnType<Parameters<typeof play>[0]> {
  const host = new Container();
  const config = { profile: 'demo', storage: { driver: 'memory' }, logging: { level: 'error' } };
  const bot = createBot({ config, parent: host }).container;
  const child = new Container({ parent: bot });
  return {
    host,
    bot,
    children: [child, new Container({ parent: child })],
    consume: (container, handed) => {
      handed.consumer(container.get(MarketData));
      handed.consumer(container.get(Streaming).marketData);
    },
  };
}

describe('whatever is called on a bot’s container, its children and its host, in whatever order', () => {
  it('everybody is handed one lock and one store, or the call is refused by code', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, (steps) => play(small, steps)),
      { numRuns: 500 },
    );
  }, 60_000);

  it('in a whole bot too', async () => {
    await fc.assert(
      fc.asyncProperty(sequence, (steps) => play(whole, steps)),
      { numRuns: 40 },
    );
  }, 60_000);
});
