import type { Newable, ServiceIdentifier } from 'inversify';

/** One binding of the container, and what its construction takes. */
export interface PlannedBinding extends BindingFacts {
  /** Services taken, with the bindings that satisfied them; `many` for a collected contribution. */
  readonly needs: readonly {
    readonly service: ServiceIdentifier;
    readonly many: boolean;
    readonly bindings: readonly number[];
  }[];
}

export interface BindingFacts {
  readonly id: number;
  readonly service: ServiceIdentifier;
  /** Inversify's word: Instance, ConstantValue, ResolvedValue, DynamicValue, Factory, ServiceRedirection. */
  readonly kind: string;
  readonly scope: string | undefined;
  readonly implementation: Newable | undefined;
  readonly target: ServiceIdentifier | undefined;
}

/* What is read of Inversify's own books, as its core declares it. */

interface Binding {
  readonly id: number;
  readonly serviceIdentifier: ServiceIdentifier;
  readonly type: string;
  readonly scope?: string;
  readonly implementationType?: Newable;
  readonly targetServiceIdentifier?: ServiceIdentifier;
}
interface ServiceNode {
  readonly serviceIdentifier: ServiceIdentifier;
  readonly bindings: BindingNode | readonly BindingNode[] | undefined;
}
interface BindingNode {
  readonly binding: Binding;
  readonly constructorParams?: readonly (ServiceNode | object)[];
  readonly propertyParams?: ReadonlyMap<unknown, ServiceNode>;
  readonly redirection?: ServiceNode;
  readonly params?: readonly ServiceNode[];
}
interface Books {
  readonly bindingService: {
    get(id: ServiceIdentifier): Iterable<Binding> | undefined;
    getNonParentBindings(id: ServiceIdentifier): Iterable<Binding> | undefined;
    getNonParentBoundServices(): Iterable<ServiceIdentifier>;
    getBoundServices(): Iterable<ServiceIdentifier>;
  };
  readonly planResultCacheService: {
    get(options: object): { readonly tree: { readonly root: ServiceNode } } | undefined;
  };
}

/** By this Inversify knows a plugin; its package need not be loaded for it. */
const IS_PLUGIN = Symbol.for('@inversifyjs/plugin/isPlugin');

/**
 * Reads the container's own bindings and plans: the true graph, not a second description of it. Made for graph, verify
 * and the wording of a refusal alone, because Inversify calls the door that it comes through experimental. It changes
 * nothing.
 */
export class PlanReader {
  readonly #books: Books;

  constructor(register: (plugin: Newable) => void) {
    let books: Books | undefined;
    class Reader {
      readonly [IS_PLUGIN] = true;
      constructor(_container: unknown, context: Books) {
        books = context;
      }
      load(): void {}
    }
    register(Reader);
    if (books === undefined) throw new TypeError('Inversify did not load the plan reader.');
    this.#books = books;
  }

  /** Services that the container binds itself. */
  services(): ServiceIdentifier[] {
    return [...this.#books.bindingService.getNonParentBoundServices()];
  }

  bindingsOf(service: ServiceIdentifier): BindingFacts[] {
    return [...(this.#books.bindingService.getNonParentBindings(service) ?? [])].map(factsOf);
  }

  /** Services that its parents bind and it does not. */
  hostServices(): ServiceIdentifier[] {
    const own = new Set(this.services());
    return [...this.#books.bindingService.getBoundServices()].filter((service) => !own.has(service));
  }

  /** True when one of the bindings by which it is reached from here is a singleton, aliases followed. */
  isSingleton(service: ServiceIdentifier, seen: ReadonlySet<ServiceIdentifier> = new Set()): boolean {
    if (seen.has(service)) return false;
    return [...(this.#books.bindingService.get(service) ?? [])].some(
      ({ scope, targetServiceIdentifier: target }) =>
        scope === 'Singleton' || (target !== undefined && this.isSingleton(target, new Set([...seen, service]))),
    );
  }

  /**
   * Every binding that the plans of these services reach. Each service must have been resolved with `getAll` before.
   */
  planned(services: Iterable<ServiceIdentifier>): Map<number, PlannedBinding> {
    const found = new Map<number, PlannedBinding>();
    for (const serviceIdentifier of services) {
      const plan = this.#books.planResultCacheService.get({
        chained: false,
        isMultiple: true,
        name: undefined,
        optional: false,
        serviceIdentifier,
        tag: undefined,
      });
      if (plan !== undefined) visit(plan.tree.root, found);
    }
    return found;
  }
}

function visit(node: ServiceNode, found: Map<number, PlannedBinding>): void {
  for (const planned of nodesOf(node)) {
    if (found.has(planned.binding.id)) continue;
    const children = childrenOf(planned);
    found.set(planned.binding.id, {
      ...factsOf(planned.binding),
      needs: children.map((child) => ({
        service: child.serviceIdentifier,
        many: Array.isArray(child.bindings),
        bindings: nodesOf(child).map((target) => target.binding.id),
      })),
    });
    for (const child of children) visit(child, found);
  }
}

const factsOf = (binding: Binding): BindingFacts => ({
  id: binding.id,
  service: binding.serviceIdentifier,
  kind: binding.type,
  scope: binding.scope,
  implementation: binding.implementationType,
  target: binding.targetServiceIdentifier,
});

function nodesOf({ bindings }: ServiceNode): readonly BindingNode[] {
  return bindings === undefined ? [] : 'length' in bindings ? bindings : [bindings];
}

function childrenOf({ constructorParams, propertyParams, redirection, params }: BindingNode): ServiceNode[] {
  return [
    ...(constructorParams ?? []).filter((param): param is ServiceNode => 'serviceIdentifier' in param),
    ...(propertyParams?.values() ?? []),
    ...(redirection === undefined ? [] : [redirection]),
    ...(params ?? []),
  ];
}
