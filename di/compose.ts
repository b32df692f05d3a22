import { guardedLogger } from '../src/platform/guarded-logger.js';
import { WinstonLogger } from '../src/platform/winston-logger.js';
import { gateOf } from '../src/services/runtime/venue-gate.js';
import { timedVenue } from '../src/flow/timed-venue.js';
import { Logger } from '../src/ports/configuration/logger.js';
import { Redactor } from '../src/ports/configuration/redactor.js';
import { VenueContact } from '../src/ports/runtime-state/venue-contact.js';
import { Clock } from '../src/ports/configuration/clock.js';
import { HostScheduler, Scheduler } from '../src/ports/configuration/scheduler.js';
import { ConfigController } from '../src/ports/configuration/settings/config-controller.js';
import 'reflect-metadata';
import { ContainerModule, type Container, type ContainerModuleLoadOptions, type ServiceIdentifier } from 'inversify';
import { fault } from '../src/domain/errors.js';
import type { World } from '../src/ports/configuration/settings/bot-config.js';
import { BotContainer } from './container.js';
import { CONTRIBUTIONS } from './container/contributions.js';
import { buildGraph, type Graph } from './graph.js';
import {
  EXTENSIONS,
  PHASES,
  type Binder,
  type BuilderPhase,
  type Phase,
  type PhaseName,
  type WorldBindings,
} from './phase.js';
import { VENUE_ROLES } from './venue-roles.js';
import { verifyContainer, type Verification } from './verify.js';

export interface ComposeOptions {
  readonly world: World;
  readonly phases: readonly Phase[];
  readonly bindings: WorldBindings;
  /** Phases for those who watch, loaded after the others. */
  readonly extensions?: readonly Phase[];
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
  const phases = new PhaseRegister(container);
  for (const phase of options.phases) phases.load(phase, options.bindings[phase.name as BuilderPhase]);
  for (const phase of options.extensions ?? []) phases.load(assertExtension(phase));
  guardLogger(container);
  for (const role of Object.values(VENUE_ROLES)) boundInTime(container, role);
  options.overrides?.(container);
  const phaseOf = (id: number): PhaseName | undefined => phases.of(id);
  const resolveAll = (): void => {
    for (const service of container.plans.services()) container.getAll(service);
  };
  return {
    container,
    world: options.world,
    verify: () => verifyContainer(container, phaseOf, options.world),
    graph: () => {
      resolveAll();
      return buildGraph(container.plans.planned(container.plans.services()), container.bindings, phaseOf);
    },
  };
}

/** Whatever logger is bound in the end: one that throws must not end the run, and one of the host's sees no secret. */
function guardLogger(container: BotContainer): void {
  if (!container.isBound(Logger)) return;
  container.injectAs(Logger, (logger) =>
    guardedLogger(logger, {
      onFailure: (message) => process.emitWarning(`The logger threw, and its line is lost: ${message}`),
      ...(logger.constructor === WinstonLogger ? {} : { redactor: () => container.get(Redactor) }),
    }),
  );
}

/** Whoever plays a role of the venue in the end: a call that is never answered must hang nobody. */
function boundInTime(container: BotContainer, role: ServiceIdentifier<object>): void {
  if (!container.isBound(role)) return;
  container.injectAs(role, (player) =>
    timedVenue(
      player,
      () => ({
        config: container.get(ConfigController),
        scheduler: container.get(Scheduler),
        host: container.get(HostScheduler),
        contact: container.get(VenueContact),
        clock: container.get(Clock),
      }),
      gateOf,
    ),
  );
}

/** Which phase a binding belongs to. */
class PhaseRegister {
  private readonly byBinding = new Map<number, PhaseName>();
  private readonly byToken = new Map<ServiceIdentifier, PhaseName>();

  constructor(private readonly container: BotContainer) {}

  load(phase: Phase, ofWorld?: (binder: Binder) => void): void {
    this.container.load(
      new ContainerModule((module) => {
        const binder = binderOf(module);
        ofWorld?.(binder);
        phase.load(binder);
      }),
    );
    for (const { id, service } of this.container.bindings.values()) {
      if (this.byBinding.has(id)) continue;
      this.byBinding.set(id, phase.name);
      if (!this.byToken.has(service)) this.byToken.set(service, phase.name);
    }
  }

  /**
   * A replaced binding keeps its token's phase. What the host adds belongs to none: a token of its own, on which
   * nothing of the bot's depends, or one more member of a contribution, which may take what it likes.
   */
  of(id: number): PhaseName | undefined {
    const service = this.container.bindings.get(id)?.service;
    if (service === undefined || this.byBinding.has(id)) return this.byBinding.get(id);
    return CONTRIBUTIONS.has(service) ? undefined : this.byToken.get(service);
  }
}

function assertExtension(phase: Phase): Phase {
  if ((EXTENSIONS as readonly string[]).includes(phase.name)) return phase;
  throw fault('DI-003', `An extension must be one of ${EXTENSIONS.join(', ')}, was ${phase.name}.`, {
    fix: `The ${PHASES.length} phases of the builder are not extended by another of their name: use overrides.`,
  });
}

const binderOf = (module: ContainerModuleLoadOptions): Binder => ({
  bind: (token) => module.bind(token),
  isBound: (token) => module.isBound(token),
});
