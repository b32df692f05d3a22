import { Plugin, type PluginApi } from '@inversifyjs/plugin';
import type { GetPlanOptions, PlanBindingNode, PlanResult, PlanServiceNode, Binding } from '@inversifyjs/core';
import type { ServiceIdentifier } from 'inversify';
import type { BotContainer } from './container.js';

/** One binding of the container, and what its construction takes. */
export interface PlannedBinding {
  readonly id: number;
  readonly service: ServiceIdentifier;
  readonly kind: Binding['type'];
  readonly scope: string | undefined;
  readonly implementation: string | undefined;
  readonly type: object | undefined;
  /** Services taken, with the bindings that satisfied them; `many` for a collected contribution. */
  readonly needs: readonly {
    readonly service: ServiceIdentifier;
    readonly many: boolean;
    readonly bindings: readonly number[];
  }[];
}

interface BindingReader {
  getNonParentBindings(id: ServiceIdentifier): Iterable<Binding> | undefined;
  getNonParentBoundServices(): Iterable<ServiceIdentifier>;
}

/** Reads the container's own plans and bindings: the true graph, not a second description of it. */
export class PlanReader {
  readonly planned = new Map<number, PlannedBinding>();
  private constructor(private readonly bindings: BindingReader) {}

  static attach(container: BotContainer): PlanReader {
    let reader: PlanReader | undefined;
    class Recorder extends Plugin<BotContainer> {
      override load(api: PluginApi): void {
        const found = new PlanReader(this._context.bindingService);
        reader = found;
        api.onPlan((_options: GetPlanOptions, result: PlanResult) => found.visitService(result.tree.root));
      }
    }
    container.register(Recorder);
    if (reader === undefined) throw new TypeError('Inversify did not load the plan reader.');
    return reader;
  }

  services(): ServiceIdentifier[] {
    return [...this.bindings.getNonParentBoundServices()];
  }

  bindingsOf(service: ServiceIdentifier): Binding[] {
    return [...(this.bindings.getNonParentBindings(service) ?? [])];
  }

  private visitService(node: PlanServiceNode): void {
    for (const binding of nodesOf(node)) this.visitBinding(binding);
  }

  private visitBinding(node: PlanBindingNode): void {
    const { binding } = node;
    if (this.planned.has(binding.id)) return;
    const children = childrenOf(node);
    this.planned.set(binding.id, {
      id: binding.id,
      service: binding.serviceIdentifier,
      kind: binding.type,
      scope: 'scope' in binding ? binding.scope : undefined,
      implementation: 'implementationType' in binding ? binding.implementationType.name : undefined,
      type: 'implementationType' in binding ? binding.implementationType : undefined,
      needs: children.map((child) => ({
        service: child.serviceIdentifier,
        many: Array.isArray(child.bindings),
        bindings: nodesOf(child).map((target) => target.binding.id),
      })),
    });
    for (const child of children) this.visitService(child);
  }
}

function nodesOf(node: PlanServiceNode): PlanBindingNode[] {
  const { bindings } = node;
  return bindings === undefined ? [] : Array.isArray(bindings) ? bindings : [bindings];
}

function childrenOf(node: PlanBindingNode): PlanServiceNode[] {
  if ('constructorParams' in node)
    return node.constructorParams.filter((param): param is PlanServiceNode => 'serviceIdentifier' in param);
  if ('redirection' in node) return [node.redirection];
  if ('params' in node) return node.params;
  return [];
}
