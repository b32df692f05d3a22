import {
  Container,
  type ContainerModule,
  type BindingActivation,
  type BindingConstraints,
  type BindingDeactivation,
  type BindingIdentifier,
  type BindToFluentSyntax,
  type Newable,
  type ServiceIdentifier,
} from 'inversify';
import { BindingBook, type Identifier, type StandingBinding } from './binding-book.js';
import { coded, rethrow } from './container-errors.js';
import { CONTRIBUTIONS } from './contributions.js';
import { guarded, type BindingKeeper } from './guarded-binding.js';
import { guardedModule } from './guarded-module.js';
import { collecting, noPlugins, notTheirs, ofAnotherCopy, sealed, unknown } from './refusals.js';
import { serviceName } from './service-name.js';
import { isOfAnotherCopy } from '../../src/injection/token.js';

/**
 * The doors through which bindings change. Once the container is sealed each of them refuses (DI-007): a change would
 * leave consumers with the old instance, silently. What nobody bound cannot be rebound (DI-001), contributions are
 * added and never taken away (DI-011), tokens of another copy of the package identify nothing (PKG-003). Whoever is
 * not told of a scope is a singleton.
 */
export abstract class ChangeableContainer extends Container {
  protected readonly book = new BindingBook();
  private readonly guards = new WeakMap<ContainerModule, ContainerModule>();
  /** What is done to whatever is bound in the end. Inversify forgets it with the binding. */
  private readonly lasting = new Map<ServiceIdentifier, () => void>();
  private readonly undressed = new WeakMap<object, object>();
  /**
   * Above zero while bindings are changed here: what Inversify asks of them meanwhile is nobody's wish to have them.
   */
  private changing = 0;

  constructor(parent?: Container) {
    super({ defaultScope: 'Singleton', ...(parent === undefined ? {} : { parent }) });
  }

  /** True when nothing changes any more. */
  abstract get sealed(): boolean;

  /** The bindings that stand, in the order in which they were made, by id. */
  get bindings(): ReadonlyMap<number, StandingBinding> {
    return this.book.standing;
  }

  override bind<T>(id: ServiceIdentifier<T>): BindToFluentSyntax<T> {
    this.assertBindable(id);
    return this.guard(id, super.bind(id));
  }

  override rebind<T>(id: ServiceIdentifier<T>): BindToFluentSyntax<T> {
    this.assertRemovable(id, 'rebound');
    this.change(() => super.unbind(id));
    this.lasting.get(id)?.();
    this.lend(this.book.remove(id));
    return this.bind(id);
  }

  override rebindAsync<T>(id: ServiceIdentifier<T>): Promise<BindToFluentSyntax<T>> {
    return promised(() => this.rebind(id));
  }

  override unbind(identifier: Identifier): void {
    this.assertRemovable(identifier, 'unbound');
    this.change(() => super.unbind(identifier));
    const removed = this.book.remove(identifier);
    for (const id of removed) this.lasting.get(id)?.();
    this.lend(removed);
  }

  override unbindAsync(identifier: Identifier): Promise<void> {
    return promised(() => this.unbind(identifier));
  }

  override unbindAll(): void {
    this.assertOpen('Everything');
    for (const service of this.book.services()) this.assertRemovable(service, 'unbound');
    this.change(() => super.unbindAll());
    for (const renew of this.lasting.values()) renew();
    const lent = [...this.book.lent.keys()];
    this.book.lent.clear();
    this.lend([...this.book.removeAll(() => true), ...lent]);
  }

  override unbindAllAsync(): Promise<void> {
    return promised(() => this.unbindAll());
  }

  override load(...modules: ContainerModule[]): void {
    this.assertOpen('A module');
    this.attempt(() => super.load(...modules.map((module) => this.guardModule(module))));
  }

  override async loadAsync(...modules: ContainerModule[]): Promise<void> {
    this.assertOpen('A module');
    await this.attempt(() => super.loadAsync(...modules.map((module) => this.guardModule(module)))).catch(rethrow());
  }

  override unload(...modules: ContainerModule[]): void {
    this.assertOpen('A module');
    this.change(() => super.unload(...modules.map((module) => this.guards.get(module) ?? module)));
    this.lend(this.book.removeAll(({ module }) => module !== undefined && modules.includes(module)));
  }

  override unloadAsync(...modules: ContainerModule[]): Promise<void> {
    return promised(() => this.unload(...modules));
  }

  override snapshot(): void {
    this.assertOpen('A snapshot');
    super.snapshot();
    this.book.snapshot();
  }

  override restore(): void {
    this.assertOpen('A snapshot');
    this.change(() => super.restore());
    this.book.restore();
  }

  override onActivation<T>(id: ServiceIdentifier<T>, activation: BindingActivation<T>): void {
    this.assertBound(id, 'given an activation');
    super.onActivation(id, activation);
  }

  override onDeactivation<T>(id: ServiceIdentifier<T>, deactivation: BindingDeactivation<T>): void {
    this.assertBound(id, 'given a deactivation');
    super.onDeactivation(id, deactivation);
  }

  /**
   * What services are injected with in the place of whatever is bound in the end: it outlives a rebinding. Who asks
   * this container for the service is handed what was bound.
   */
  injectAs<T extends object>(id: ServiceIdentifier<T>, dressed: (bound: T) => T): void {
    const activation: BindingActivation<T> = (_context, bound) => {
      const made = dressed(bound);
      this.undressed.set(made, bound);
      return made;
    };
    this.onActivation(id, activation);
    this.lasting.set(id, () => super.onActivation(id, activation));
  }

  /** What was bound, of what services are injected with. */
  protected asBound<T>(value: T): T {
    return typeof value === 'object' && value !== null
      ? ((this.undressed.get(value) as T | undefined) ?? value)
      : value;
  }

  /** Always refused (DI-007): a plugin is handed the bindings themselves, behind the seal. */
  override register(plugin: Newable): void {
    throw noPlugins(plugin.name);
  }

  /** Somebody plans with a binding of ours, or asks whether there is one. */
  protected abstract planned(constraints: BindingConstraints): void;

  /** Nothing is left here of these services: the host's, if it has them, are the bot's from now on. */
  protected abstract lend(services: readonly ServiceIdentifier[]): void;

  protected get isChanging(): boolean {
    return this.changing > 0;
  }

  /** A binding that the book does not show. */
  protected bindQuietly(
    id: ServiceIdentifier,
    make: () => unknown,
    isNeeded: (constraints: BindingConstraints) => boolean,
  ): BindingIdentifier {
    const binding = this.change(() => super.bind(id).toResolvedValue(make).inSingletonScope());
    binding.onDeactivation(() => this.assertOwnUnbinding(id));
    binding.when((constraints) => {
      this.planned(constraints);
      return isNeeded(constraints);
    });
    return binding.getIdentifier();
  }

  protected registerQuietly(plugin: Newable): void {
    super.register(plugin);
  }

  private guard<T>(
    service: ServiceIdentifier<T>,
    syntax: BindToFluentSyntax<T>,
    module?: ContainerModule,
  ): BindToFluentSyntax<T> {
    const { generation } = this.book;
    const keeper: BindingKeeper = {
      assertOpen: () => {
        this.assertOpen(serviceName(service));
        if (generation !== this.book.generation) throw sealed(serviceName(service), 'restore() has replaced it.');
      },
      attempt: (call) => this.change(call, service),
      made: (binding) => {
        const lent = this.book.lent.get(service);
        if (lent !== undefined) this.change(() => super.unbind(lent));
        this.book.lent.delete(service);
        this.book.add({ ...binding, service, module });
        this.forgetPlans();
      },
      deactivated: () => this.assertOwnUnbinding(service),
      planned: (constraints) => this.planned(constraints),
    };
    return guarded(service, syntax, keeper);
  }

  private guardModule(module: ContainerModule): ContainerModule {
    const guard =
      this.guards.get(module) ??
      guardedModule(module, {
        bound: (from, id, bind) => {
          this.assertBindable(id);
          return this.guard(id, bind(), from);
        },
        assertBound: (id, done) => this.assertBound(id, done),
        rebind: (id) => this.rebind(id),
        rebindAsync: (id) => this.rebindAsync(id),
        unbind: (id) => this.unbind(id),
        unbindAsync: (id) => this.unbindAsync(id),
      });
    this.guards.set(module, guard);
    return guard;
  }

  private change<R>(call: () => R, service?: ServiceIdentifier): R {
    this.changing += 1;
    try {
      return this.attempt(call, service);
    } finally {
      this.changing -= 1;
    }
  }

  protected attempt<R>(call: () => R, service?: ServiceIdentifier): R {
    try {
      return call();
    } catch (error) {
      throw coded(error, service);
    }
  }

  /**
   * Children keep plans too; without them they ask again, and we hear of it. Unloading nothing is how Inversify does
   * that.
   */
  protected forgetPlans(): void {
    super.unload();
  }

  private assertOwnUnbinding(id: ServiceIdentifier): void {
    if (!this.isChanging) throw notTheirs(serviceName(id));
  }

  private assertRemovable(identifier: Identifier, done: string): void {
    const meant = this.book.find(identifier);
    const service = meant?.service ?? identifier;
    const name = typeof service === 'object' ? 'A binding' : serviceName(service);
    this.assertOpen(name);
    if (isOfAnotherCopy(service)) throw ofAnotherCopy(name);
    if (meant === undefined) throw unknown(name, done);
    if (CONTRIBUTIONS.has(meant.service)) throw collecting(name, done);
  }

  private assertBindable(id: ServiceIdentifier): void {
    this.assertOpen(serviceName(id));
    if (isOfAnotherCopy(id)) throw ofAnotherCopy(serviceName(id));
  }

  private assertBound(id: ServiceIdentifier, done: string): void {
    this.assertBindable(id);
    if (this.book.find(id) === undefined) throw unknown(serviceName(id), done);
  }

  private assertOpen(what: string): void {
    if (this.sealed) throw sealed(what);
  }
}

const promised = <R>(work: () => R): Promise<R> => new Promise((resolve) => resolve(work()));
