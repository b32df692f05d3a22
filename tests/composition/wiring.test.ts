import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { injectable } from 'inversify';
import { BotContainer } from '#di/container.js';
import { compose, type Composition } from '#di/compose.js';
import { phase, type Binder, type Phase, type PhaseName } from '#di/phase.js';
import { bindVenueRoles, VENUE_ROLES } from '#di/venue-roles.js';
import { inject } from '#src/injection/inject.js';
import { token } from '#src/injection/token.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import { FAKE_CAPABILITIES, FakeBroker } from '../support/fake-broker.js';

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
