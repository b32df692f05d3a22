import type { ServiceIdentifier } from 'inversify';
import { PerpsBotError, type Problem } from '../src/domain/errors.js';
import { StrategyDefinition } from '../src/ports/core-services/strategy.js';
import type { Token } from '../src/injection/token.js';
import { ACCOUNT_ROLES, venuesOfAnotherWorld } from '../src/ports/venue/account-roles.js';
import { BackgroundTask, Lifecycle, StatusSource } from '../src/ports/market-services/lifecycle.js';
import type { World } from '../src/ports/configuration/settings/bot-config.js';
import type { BotContainer } from './container.js';
import { coded } from './container/container-errors.js';
import { CONTRIBUTIONS } from './container/contributions.js';
import { shared } from './container/host-services.js';
import { phaseNumber, type PhaseName } from './phase.js';
import type { PlannedBinding } from './plan.js';
import { serviceName } from './container/service-name.js';

export interface Verification {
  readonly ok: boolean;
  readonly services: number;
  readonly problems: readonly Problem[];
}

/**
 * Resolves every bound service and checks the wiring: nothing missing, no cycle, one instance of everything that holds
 * state, no class behind two bindings, no step to a later phase, no hidden dependencies, nothing shared with another
 * bot, no part or task that would never run, no live venue outside live.
 */
export function verifyContainer(
  container: BotContainer,
  phaseOf: (id: number) => PhaseName | undefined,
  world: World,
): Verification {
  const services = container.plans.services();
  try {
    container.seal();
  } catch (error) {
    // It is refused whatever it is asked for.
    return { ok: false, services: services.length, problems: [problemOf(coded(error), 'host')] };
  }
  const problems: Problem[] = [
    ...resolveAll(container, services),
    ...checkBindings(container),
    ...checkPhases(container.plans.planned(services), container, phaseOf),
    ...checkHost(container),
  ];
  if (problems.length === 0) problems.push(...checkContributions(container), ...checkVenue(container, world));
  return { ok: problems.length === 0, services: services.length, problems };
}

function resolveAll(container: BotContainer, services: readonly ServiceIdentifier[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const service of services) {
    try {
      container.getAll(service);
    } catch (error) {
      const problem = problemOf(coded(error, service), serviceName(service));
      problems.set(problem.message, problem);
    }
  }
  return [...problems.values()];
}

const problemOf = ({ code, message, fix }: PerpsBotError, where: string): Problem => ({
  code,
  message,
  where,
  ...(fix === undefined ? {} : { fix }),
});

function checkBindings({ plans }: BotContainer): Problem[] {
  const problems: Problem[] = [];
  const boundAs = new Map<object, string>();
  for (const service of plans.services()) {
    for (const { kind, scope, implementation } of plans.bindingsOf(service)) {
      const name = serviceName(service);
      if (kind === 'DynamicValue' || kind === 'Factory') {
        problems.push({
          code: 'DI-008',
          message: `${name} is bound with ${kind}, which hides what it depends on.`,
          fix: 'Use toResolvedValue with its tokens.',
        });
      }
      if (scope !== undefined && scope !== 'Singleton') {
        problems.push({
          code: 'DI-004',
          message: `${name} must be a singleton, was ${scope.toLowerCase()}: consumers would not share its state.`,
          fix: 'Add inSingletonScope().',
        });
      }
      if (implementation === undefined) continue;
      const earlier = boundAs.get(implementation);
      if (earlier !== undefined) {
        problems.push({
          code: 'DI-006',
          message: `${implementation.name} is bound twice: as ${earlier} and as ${name}.`,
          fix: 'Bind it once and give it roles with toService.',
        });
      }
      boundAs.set(implementation, name);
    }
  }
  return problems;
}

function checkPhases(
  planned: ReadonlyMap<number, PlannedBinding>,
  { bindings }: BotContainer,
  phaseOf: (id: number) => PhaseName | undefined,
): Problem[] {
  const problems: Problem[] = [];
  for (const binding of planned.values()) {
    const own = phaseOf(binding.id);
    if (own === undefined) continue;
    const isRole = CONTRIBUTIONS.has(binding.service) && bindings.get(binding.id)?.alias !== undefined;
    if (isRole) continue;
    for (const need of binding.needs) {
      if (CONTRIBUTIONS.has(need.service)) continue;
      for (const target of need.bindings) {
        const other = phaseOf(target);
        if (other === undefined || phaseNumber(other) <= phaseNumber(own)) continue;
        problems.push({
          code: 'DI-003',
          message: `${serviceName(binding.service)} (phase ${own}) must not depend on ${serviceName(need.service)} (later phase ${other}).`,
          fix: "Move the binding to its consumer's phase, or the consumer later.",
        });
      }
    }
  }
  return problems;
}

/**
 * What the host binds: singletons that only a bot can complete, and contributions, which a bot collects from itself.
 */
function checkHost({ plans, host, hasBotForHost }: BotContainer): Problem[] {
  if (host === undefined) return [];
  const captured = plans
    .hostServices()
    .filter((service) => plans.isSingleton(service))
    .flatMap((service) =>
      host.takenBy(service).map((taken) => problemOf(shared(service, taken), serviceName(service))),
    );
  if (hasBotForHost) return captured;
  const idle = [Lifecycle, BackgroundTask, StatusSource, StrategyDefinition]
    .filter((token) => host.isBound(token))
    .map((token): Problem => ({
      code: 'DI-012',
      message: `${serviceName(token)} is bound in the host's container, where no bot collects it.`,
      fix: `Bind it in createBot({ overrides: (container) => container.bind(${serviceName(token)})… }).`,
    }));
  return [...captured, ...idle];
}

/** Of two that bear one name only one is run, stopped by name, or shown. */
function checkContributions(container: BotContainer): Problem[] {
  const tasks = container.getAll(BackgroundTask).filter(({ enabled }) => enabled);
  return [
    ...sameNames('Background tasks', tasks),
    ...sameNames('Parts', container.getAll(Lifecycle)),
    ...sameNames('Status sources', container.getAll(StatusSource)),
  ];
}

function sameNames(what: string, members: readonly { readonly name: string }[]): Problem[] {
  const names = members.map(({ name }) => name);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))].map((name) => ({
    code: 'DI-012',
    message: `${what} must have names of their own, ${name} is used twice: only one of them would be heard of.`,
    fix: 'Rename the one that was added, or rebind the token of the one that it replaces.',
  }));
}

function checkVenue(container: BotContainer, world: World): Problem[] {
  const players = ACCOUNT_ROLES.map((role) => container.get(role as Token<object>));
  return venuesOfAnotherWorld(world, players).map(({ venue, environment }) => ({
    code: 'DI-005',
    message: `The ${world} world must not be wired to ${venue} (${environment}).`,
    fix: 'Bind a Brokerage of this world.',
  }));
}
