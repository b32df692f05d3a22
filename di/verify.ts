import { messageOf, PerpsBotError, type Problem } from '../src/domain/errors.js';
import { Brokerage } from '../src/ports/core-services/brokerage.js';
import { BackgroundTask, Lifecycle, StatusSource } from '../src/ports/market-services/lifecycle.js';
import type { World } from '../src/ports/configuration/settings/bot-config.js';
import { StrategyDefinition } from '../src/ports/core-services/strategy.js';
import type { BotContainer } from './container.js';
import { serviceName } from './graph.js';
import { phaseNumber, type PhaseName } from './phase.js';
import type { PlanReader } from './plan.js';

/** Contribution tokens collect from every phase; nothing else may reach forward. */
export const CONTRIBUTIONS: ReadonlySet<symbol> = new Set<symbol>([
  Lifecycle,
  BackgroundTask,
  StatusSource,
  StrategyDefinition,
]);

export interface Verification {
  readonly ok: boolean;
  readonly services: number;
  readonly problems: readonly Problem[];
}

/**
 * Resolves every bound service and checks the wiring: nothing missing, no cycle, one instance of everything that holds
 * state, no class behind two bindings, no step to a later phase, no hidden dependencies, no live venue outside live.
 */
export function verifyContainer(
  container: BotContainer,
  reader: PlanReader,
  phaseOf: ReadonlyMap<number, PhaseName>,
  world: World,
): Verification {
  const services = reader.services();
  const problems: Problem[] = [
    ...resolveAll(container, reader),
    ...checkBindings(reader),
    ...checkPhases(reader, phaseOf),
  ];
  if (problems.length === 0) problems.push(...checkVenue(container, world));
  return { ok: problems.length === 0, services: services.length, problems };
}

function resolveAll(container: BotContainer, reader: PlanReader): Problem[] {
  const problems = new Map<string, Problem>();
  for (const service of reader.services()) {
    try {
      container.getAll(service);
    } catch (error) {
      const problem = resolutionProblem(serviceName(service), error);
      problems.set(problem.message, problem);
    }
  }
  return [...problems.values()];
}

function resolutionProblem(service: string, error: unknown): Problem {
  if (PerpsBotError.is(error)) return { code: error.code, message: error.message, where: service };
  const text = messageOf(error).replaceAll('perps-bot/', '');
  if (/circular dependency/i.test(text))
    return { code: 'DI-002', message: text.split('\n')[0] ?? text, fix: 'Break the cycle with a narrower port.' };
  return {
    code: 'DI-001',
    message: `${service}: ${text.split('\n').slice(0, 3).join(' ')}`,
    fix: 'Bind the missing token in a phase or in the world.',
  };
}

function checkBindings(reader: PlanReader): Problem[] {
  const problems: Problem[] = [];
  const boundAs = new Map<object, string>();
  for (const service of reader.services()) {
    for (const binding of reader.bindingsOf(service)) {
      const name = serviceName(service);
      if (binding.type === 'DynamicValue' || binding.type === 'Factory') {
        problems.push({
          code: 'DI-008',
          message: `${name} is bound with ${binding.type}, which hides what it depends on.`,
          fix: 'Use toResolvedValue with its tokens.',
        });
      }
      if ('scope' in binding && binding.type !== 'ConstantValue' && binding.scope !== 'Singleton') {
        problems.push({
          code: 'DI-004',
          message: `${name} must be a singleton, was ${binding.scope.toLowerCase()}.`,
          why: 'Consumers would not share its state.',
          fix: 'Add inSingletonScope().',
        } as Problem);
      }
      if (binding.type !== 'Instance') continue;
      const earlier = boundAs.get(binding.implementationType);
      if (earlier !== undefined) {
        problems.push({
          code: 'DI-006',
          message: `${binding.implementationType.name} is bound twice: as ${earlier} and as ${name}.`,
          fix: 'Bind it once and give it roles with toService.',
        });
      }
      boundAs.set(binding.implementationType, name);
    }
  }
  return problems;
}

function checkPhases(reader: PlanReader, phaseOf: ReadonlyMap<number, PhaseName>): Problem[] {
  const problems: Problem[] = [];
  for (const binding of reader.planned.values()) {
    const own = phaseOf.get(binding.id);
    if (own === undefined) continue;
    for (const need of binding.needs) {
      if (
        CONTRIBUTIONS.has(need.service as symbol) ||
        (CONTRIBUTIONS.has(binding.service as symbol) && binding.kind === 'ServiceRedirection')
      )
        continue;
      for (const target of need.bindings) {
        const other = phaseOf.get(target);
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

function checkVenue(container: BotContainer, world: World): Problem[] {
  const { environment, venue } = container.get(Brokerage).capabilities;
  const simulated = environment === 'simulated';
  if ((world === 'live') !== simulated) return [];
  return [
    {
      code: 'DI-005',
      message: `The ${world} world must not be wired to ${venue} (${environment}).`,
      fix: 'Bind a Brokerage of this world.',
    },
  ];
}
