import 'reflect-metadata';
import { describe, expect, it, jest } from '@jest/globals';
import { Container, injectable } from 'inversify';
import { createBot } from 'perpsbot';
import { BotContainer } from '#di/container.js';
import { compose, type Composition } from '#di/compose.js';
import { phase, type Binder, type Phase, type PhaseName } from '#di/phase.js';
import { bindVenueRoles, VENUE_ROLES } from '#di/venue-roles.js';
import { inject } from '#src/injection/inject.js';
import { token } from '#src/injection/token.js';
import { Lifecycle } from '#src/ports/market-services/lifecycle.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { FAKE_CAPABILITIES } from '#src/testing/fake-capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

interface Part {
  readonly id: string;
}
const Part = token<Part>('Part');
interface Other {
  readonly part: Part;
}
const Other = token<Other>('Other');

@injectable()
class SomePart implements Part {
  readonly id = 'some';
}
@injectable()
class NeedsPart implements Other {
  constructor(@inject(Part) readonly part: Part) {}
}
@injectable()
class PartNeedingOther implements Part {
  readonly id = 'cyclic';
  constructor(@inject(Other) readonly other: Other) {}
}

const made = (
  name: PhaseName,
  bind: (binder: Binder) => void,
  requires: Parameters<typeof phase>[0]['requires'] = [],
): Phase => phase({ name, requires, bind });
const venue = made('core-services', (binder) => {
  binder.bind(Brokerage).toConstantValue(new FakeBroker());
  bindVenueRoles(binder);
});

const composed = (phases: readonly Phase[], overrides?: (container: BotContainer) => void): Composition =>
  compose({ world: 'backtest', phases, bindings: {}, ...(overrides === undefined ? {} : { overrides }) });

const problems = (composition: Composition): string[] =>
  composition.verify().problems.map((problem) => `${problem.code} ${problem.message}`);

describe('perpsbot verify', () => {
  it('passes a container that is wired right', () => {
    const composition = composed([
      made('configuration', ({ bind }) => bind(Part).to(SomePart).inSingletonScope()),
      made('storage', ({ bind }) => bind(Other).to(NeedsPart).inSingletonScope()),
      venue,
    ]);
    expect(composition.verify()).toEqual({ ok: true, services: 3 + Object.keys(VENUE_ROLES).length, problems: [] });
  });

  it('names a missing binding and who needs it', () => {
    expect(
      problems(composed([made('storage', ({ bind }) => bind(Other).to(NeedsPart).inSingletonScope()), venue])).join(),
    ).toMatch(/DI-001 .*Part/);
  });

  it('names a cycle with its path', () => {
    const composition = composed([
      made('configuration', ({ bind }) => {
        bind(Part).to(PartNeedingOther).inSingletonScope();
        bind(Other).to(NeedsPart).inSingletonScope();
      }),
      venue,
    ]);
    expect(problems(composition).join()).toMatch(/DI-002 .*(Part.*Other|Other.*Part)/);
  });

  it('names shared state that is bound transient', () => {
    expect(
      problems(composed([made('configuration', ({ bind }) => bind(Part).to(SomePart).inTransientScope()), venue])),
    ).toEqual([expect.stringMatching(/DI-004 Part must be a singleton, was transient/)]);
  });

  it('names a service that depends on a later phase', () => {
    const composition = composed([
      made('configuration', ({ bind }) => bind(Other).to(NeedsPart).inSingletonScope()),
      venue,
      made('streaming', ({ bind }) => bind(Part).to(SomePart).inSingletonScope()),
    ]);
    expect(problems(composition)).toEqual([
      expect.stringMatching(/DI-003 Other \(phase configuration\) must not depend on Part \(later phase streaming\)/),
    ]);
  });

  it('names a live venue in the backtest world', () => {
    const composition = composed([venue], (container) => {
      const live = new FakeBroker();
      live.capabilities = { ...FAKE_CAPABILITIES, venue: 'binance', environment: 'live' };
      container.rebind(Brokerage).toConstantValue(live);
    });
    expect(problems(composition)).toEqual([
      expect.stringMatching(/DI-005 The backtest world must not be wired to binance \(live\)/),
    ]);
  });

  it('names a class that is bound twice', () => {
    const Twin = token<Part>('Twin');
    const composition = composed([
      made('configuration', ({ bind }) => {
        bind(Part).to(SomePart).inSingletonScope();
        bind(Twin).to(SomePart).inSingletonScope();
      }),
      venue,
    ]);
    expect(problems(composition)).toEqual([
      expect.stringMatching(/DI-006 SomePart is bound twice: as Part and as Twin/),
    ]);
  });

  it('names a binding that hides what it depends on', () => {
    const composition = composed([
      made('configuration', ({ bind }) =>
        bind(Part)
          .toDynamicValue(() => new SomePart())
          .inSingletonScope(),
      ),
      venue,
    ]);
    expect(problems(composition)).toEqual([expect.stringMatching(/DI-008 Part/)]);
  });

  it('refuses to rebind a token after sealing', () => {
    const { container } = composed([made('configuration', ({ bind }) => bind(Part).to(SomePart).inSingletonScope())]);
    container.get(Part);
    expect(() => container.rebind(Part)).toThrow(expect.objectContaining({ code: 'DI-007' }));
    expect(() => container.bind(Other)).toThrow(expect.objectContaining({ code: 'DI-007' }));
    expect(() => container.unbind(Part)).toThrow(expect.objectContaining({ code: 'DI-007' }));
  });

  it('refuses to rebind what nobody bound', () => {
    expect(() => composed([], (container) => container.rebind(Part))).toThrow(
      expect.objectContaining({ code: 'DI-001' }),
    );
  });

  it('refuses a phase whose prerequisites are not bound yet', () => {
    expect(() => composed([made('streaming', () => undefined, [Part])])).toThrow(/Phase streaming needs Part/);
  });
});

describe('a rebound token', () => {
  it('reaches every consumer when it is rebound before first use', () => {
    const mine: Part = { id: 'mine' };
    const { container } = composed(
      [
        made('configuration', ({ bind }) => bind(Part).to(SomePart).inSingletonScope()),
        made('storage', ({ bind }) => bind(Other).to(NeedsPart).inSingletonScope()),
      ],
      (fresh) => fresh.rebind(Part).toConstantValue(mine),
    );
    expect(container.get(Other).part).toBe(mine);
  });
});

describe('perpsbot graph', () => {
  it('draws each phase as a group and each dependency as an arrow', async () => {
    const { renderGraph } = await import('#di/graph.js');
    const graph = composed([
      made('configuration', ({ bind }) => bind(Part).to(SomePart).inSingletonScope()),
      made('storage', ({ bind }) => bind(Other).to(NeedsPart).inSingletonScope()),
    ]).graph();
    expect(graph.edges).toEqual([{ from: 'Other', to: 'Part', collected: false }]);
    expect(renderGraph(graph, 'mermaid')).toContain('  Other --> Part');
    expect(renderGraph(graph, 'dot')).toContain('"Other" -> "Part"');
    expect(JSON.parse(renderGraph(graph, 'json'))).toEqual(graph);
  });
});

describe('a phase for those who watch', () => {
  const Watcher = token<object>('Watcher');
  const watching = (needs: readonly symbol[]): Phase =>
    made('operator', ({ bind }) => bind(Watcher).toResolvedValue((part: Part) => ({ part }), [Part]), needs);
  const eight = (bindOther: (binder: Binder) => unknown): Phase[] => [
    made('configuration', ({ bind }) => bind(Part).to(SomePart).inSingletonScope()),
    venue,
    made('streaming', (binder) => void bindOther(binder)),
  ];
  const extended = (phases: readonly Phase[], extensions: readonly Phase[]): Composition =>
    compose({ world: 'backtest', phases, extensions, bindings: {} });

  it('is loaded after the others, may need all of them, and is the ninth group of the graph', () => {
    const phases = eight(({ bind }) => bind(Other).to(NeedsPart).inSingletonScope());
    const composition = extended(phases, [watching([Part, Other])]);
    expect(composition.verify().problems).toEqual([]);
    expect(composition.graph().nodes.find(({ token: name }) => name === 'Watcher')).toMatchObject({
      phase: 'operator',
      number: 9,
    });
  });

  it('is needed by none of them', () => {
    const phases = eight(({ bind }) => bind(Other).toResolvedValue((part: Part) => ({ part }), [Watcher]));
    expect(problems(extended(phases, [watching([Part])]))).toEqual([
      expect.stringMatching(/DI-003 Other \(phase streaming\) must not depend on Watcher \(later phase operator\)/),
    ]);
  });

  it('contributes like any other', () => {
    const part = { name: 'page', start: () => undefined, stop: () => undefined };
    const phases = eight(({ bind }) => bind(Other).to(NeedsPart).inSingletonScope());
    const page = made('operator', ({ bind }) => bind(Lifecycle).toConstantValue(part));
    const composition = extended(phases, [page]);
    expect(composition.verify().problems).toEqual([]);
    expect(composition.container.getAll(Lifecycle)).toEqual([part]);
  });

  it('bears no name of the eight', () => {
    expect(() => extended([], [venue])).toThrow(expect.objectContaining({ code: 'DI-003' }));
  });

  it('comes with createBot, before the overrides', () => {
    const { container, composition } = createBot({
      config: { profile: 'demo', storage: { driver: 'memory' }, logging: { level: 'error' } },
      extensions: [made('operator', ({ bind }) => bind(Watcher).toConstantValue({}), [Brokerage, Lifecycle])],
      overrides: (open) => open.rebind(Watcher).toConstantValue({ mine: true }),
    });
    expect(container.get(Watcher)).toEqual({ mine: true });
    expect(composition.verify().problems).toEqual([]);
    expect(composition.graph().nodes.find(({ token: name }) => name === 'Watcher')?.phase).toBe('operator');
  });
});

describe('the reader of plans', () => {
  it('is not there until graph or verify asks', () => {
    const register = jest.spyOn(Container.prototype, 'register');
    const bot = createBot({ config: { profile: 'demo', storage: { driver: 'memory' }, logging: { level: 'error' } } });
    bot.container.get(Brokerage);
    expect(register).not.toHaveBeenCalled();
    bot.composition.graph();
    bot.composition.verify();
    expect(register).toHaveBeenCalledTimes(1);
    register.mockRestore();
  });

  it('shows the same graph before and after the bot was used', () => {
    const make = (): Composition =>
      createBot({ config: { profile: 'demo', storage: { driver: 'memory' }, logging: { level: 'error' } } })
        .composition;
    const used = make();
    used.container.getAll(Lifecycle);
    expect(used.graph()).toEqual(make().graph());
  });
});
