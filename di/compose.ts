import 'reflect-metadata';
import { ContainerModule, type BindToFluentSyntax, type Container, type ServiceIdentifier } from 'inversify';
import type { World } from '../src/ports/configuration/settings/bot-config.js';
import { BotContainer } from './container.js';
import { buildGraph, type Graph } from './graph.js';
import { PHASES, type Binder, type Phase, type PhaseName, type WorldBindings } from './phase.js';
import { PlanReader } from './plan.js';
import { verifyContainer, type Verification } from './verify.js';

export interface ComposeOptions {
  readonly world: World;
  readonly phases: readonly Phase[];
  readonly bindings: WorldBindings;
  /** The host's container: its services are seen by the bot, never the other way. */
  readonly parent?: Container;
  /** Rebinds and adds, after all phases and before first use. */
  readonly overrides?: (container: BotContainer) => void;
}

/** A wired container and its own description of itself. */
export interface Composition {
  readonly container: BotContainer;
  readonly world: World;
  graph(): Graph;
  verify(): Verification;
}

/** Wires and nothing else: no I/O, nothing constructed. */
export function compose(options: ComposeOptions): Composition {
  const container = new BotContainer(options.parent === undefined ? {} : { parent: options.parent });
  const reader = PlanReader.attach(container);
  const phaseOf = new Map<number, PhaseName>();
  const record = (name: PhaseName): void => {
    for (const service of reader.services()) {
      for (const binding of reader.bindingsOf(service)) if (!phaseOf.has(binding.id)) phaseOf.set(binding.id, name);
    }
  };
  for (const phase of options.phases) {
    container.load(
      new ContainerModule((module) => {
        const binder = binderOf(module);
        options.bindings[phase.name]?.(binder);
        phase.load(binder);
      }),
    );
    record(phase.name);
  }
  const phaseOfToken = phasesByToken(reader, phaseOf);
  options.overrides?.(container);
  keepPhases(reader, phaseOf, phaseOfToken);
  return {
    container,
    world: options.world,
    verify: () => verifyContainer(container, reader, phaseOf, options.world),
    graph: () => {
      for (const service of reader.services()) container.getAll(service);
      return buildGraph(reader, phaseOf);
    },
  };
}

interface ModuleOptions {
  bind: <T>(id: ServiceIdentifier<T>) => BindToFluentSyntax<T>;
  isBound: (id: ServiceIdentifier) => boolean;
}

const binderOf = (module: ModuleOptions): Binder => ({
  bind: (token) => module.bind(token),
  isBound: (token) => module.isBound(token),
});

function phasesByToken(reader: PlanReader, phaseOf: ReadonlyMap<number, PhaseName>): Map<ServiceIdentifier, PhaseName> {
  const found = new Map<ServiceIdentifier, PhaseName>();
  for (const service of reader.services()) {
    for (const binding of reader.bindingsOf(service)) {
      const phase = phaseOf.get(binding.id);
      if (phase !== undefined && !found.has(service)) found.set(service, phase);
    }
  }
  return found;
}

/** A replaced binding keeps its token's phase; a token the host adds belongs to the last, where nothing depends on it. */
function keepPhases(
  reader: PlanReader,
  phaseOf: Map<number, PhaseName>,
  byToken: ReadonlyMap<ServiceIdentifier, PhaseName>,
): void {
  for (const service of reader.services()) {
    const phase = byToken.get(service);
    if (phase === undefined) continue;
    for (const binding of reader.bindingsOf(service)) if (!phaseOf.has(binding.id)) phaseOf.set(binding.id, phase);
  }
}

export { PHASES };
