import {
  Container,
  type BindingConstraints,
  type GetAllOptions,
  type GetOptions,
  type OptionalGetOptions,
  type ServiceIdentifier,
} from 'inversify';
import { ChangeableContainer } from './container/changeable-container.js';
import { coded, rethrow } from './container/container-errors.js';
import { HostServices } from './container/host-services.js';
import { ambiguous, givenUp, otherCopy } from './container/refusals.js';
import { serviceName } from './container/service-name.js';
import { PlanReader } from './plan.js';

/**
 * A container that can be changed until the first of its services is activated, whoever asks: itself, a child of it, a
 * resolved value. Its services are made by itself alone, so that none holds what a child binds. See
 * docs/decisions/0018.
 */
export class BotContainer extends ChangeableContainer {
  private isSealed = false;
  private sealing = false;
  /** Above zero while this container plans and resolves. */
  private resolving = 0;
  /** What the host binds, if there is one. */
  readonly host: HostServices | undefined;
  /** True when the host's container is a bot's itself. */
  readonly hasBotForHost: boolean;
  /** Something was planned without a service that the host may still bring. */
  private isPlanStale = false;
  private reader: PlanReader | undefined;
  /** The service that is being taken from the host. */
  private taken: ServiceIdentifier | undefined;

  /** Throws DI-014 for a parent made by another copy of Inversify: the two could not see each other's bindings. */
  constructor({ parent }: { readonly parent?: Container } = {}) {
    if (parent !== undefined && !(parent instanceof Container)) throw otherCopy();
    super(parent);
    this.hasBotForHost = parent instanceof BotContainer;
    this.host =
      parent === undefined ? undefined : new HostServices(parent, this.book, (id) => this.plans.isSingleton(id));
  }

  override get sealed(): boolean {
    return this.isSealed;
  }

  /** The container's own bindings and plans, to read. Made when it is first asked for. */
  get plans(): PlanReader {
    this.reader ??= new PlanReader((plugin) => this.registerQuietly(plugin));
    return this.reader;
  }

  /**
   * From here on nothing changes. Throws DI-013 when a singleton of the host's would take one of the bot's services.
   */
  seal(): void {
    if (this.isSealed || this.sealing) return;
    this.sealing = true;
    try {
      this.host?.checkAll();
      this.isSealed = true;
    } finally {
      this.sealing = false;
    }
  }

  override get<T>(id: ServiceIdentifier<T>, options: OptionalGetOptions): T | undefined;
  override get<T>(id: ServiceIdentifier<T>, options?: GetOptions): T;
  override get<T>(id: ServiceIdentifier<T>, options?: GetOptions): T {
    return this.asBound(this.resolve(id, () => super.get<T>(id, options)));
  }

  override getAll<T>(id: ServiceIdentifier<T>, options?: GetAllOptions): T[] {
    return this.resolve(id, () => super.getAll<T>(id, options)).map((value) => this.asBound(value));
  }

  override getAsync<T>(id: ServiceIdentifier<T>, options: OptionalGetOptions): Promise<T | undefined>;
  override getAsync<T>(id: ServiceIdentifier<T>, options?: GetOptions): Promise<T>;
  override async getAsync<T>(id: ServiceIdentifier<T>, options?: GetOptions): Promise<T> {
    return this.asBound(await this.resolve(id, () => super.getAsync<T>(id, options)).catch(rethrow(id)));
  }

  override async getAllAsync<T>(id: ServiceIdentifier<T>, options?: GetAllOptions): Promise<T[]> {
    const values = await this.resolve(id, () => super.getAllAsync<T>(id, options)).catch(rethrow(id));
    return values.map((value) => this.asBound(value));
  }

  private resolve<R>(id: ServiceIdentifier, work: () => R): R {
    this.attempt(() => {
      this.seal();
      if (this.host !== undefined && !this.isCurrentBound(id)) this.host.check(id);
    }, id);
    return this.own(id, work);
  }

  private own<R>(id: ServiceIdentifier, work: () => R): R {
    this.resolving += 1;
    try {
      return this.attempt(work, id);
    } finally {
      this.resolving -= 1;
      if (this.resolving === 0 && this.isPlanStale) {
        this.isPlanStale = false;
        this.forgetPlans();
      }
    }
  }

  /**
   * Somebody plans with a binding of ours. A child would build it with what the child binds, and everybody would be
   * handed that: so we build it first.
   */
  protected override planned(constraints: BindingConstraints): void {
    if (isQuestion(constraints) || this.resolving > 0 || this.isChanging) return;
    const { serviceIdentifier, name, tags } = constraints;
    const [tag] = tags;
    try {
      this.getAll(serviceIdentifier, {
        ...(name === undefined ? {} : { name }),
        ...(tag === undefined ? {} : { tag: { key: tag[0], value: tag[1] } }),
      });
    } catch (error) {
      const { code } = coded(error, serviceIdentifier);
      // It is being made, by us; whoever asked may wait for it.
      if (code !== 'DI-010') throw error;
    }
  }

  /**
   * What the bot has given up is taken from the host: once, whatever its scope is there. The binding stands only where
   * the host has one, and steps aside while the host's is made.
   */
  protected override lend(services: readonly ServiceIdentifier[]): void {
    this.forgetPlans();
    const { host } = this;
    if (host === undefined) return;
    for (const id of services) {
      const isNeeded = (constraints: BindingConstraints): boolean => {
        if (this.taken === id) return false;
        if (host.isBound(id)) return true;
        this.misses(id, constraints);
        return false;
      };
      if (!this.book.lent.has(id))
        this.book.lent.set(
          id,
          this.bindQuietly(id, () => this.takeFromHost(id), isNeeded),
        );
    }
  }

  /**
   * Nobody has it by now. A plan that is kept without it would take what the host binds later past us: our own are
   * forgotten, those of others cannot be, so they are refused.
   */
  private misses(id: ServiceIdentifier, constraints: BindingConstraints): void {
    if (isQuestion(constraints) || this.isChanging) return;
    if (this.resolving === 0) throw givenUp(serviceName(id));
    this.isPlanStale = true;
  }

  private takeFromHost(id: ServiceIdentifier): unknown {
    const before = this.taken;
    this.taken = id;
    try {
      const [value, ...others] = this.own(id, () => super.getAll(id, { chained: true }));
      if (others.length > 0) throw ambiguous(serviceName(id));
      return value;
    } finally {
      this.taken = before;
      this.forgetPlans();
    }
  }
}

/** Inversify asks whether something is bound with a plain object, and plans with one that knows its place. */
const isQuestion = (constraints: BindingConstraints): boolean =>
  Object.getPrototypeOf(constraints) === Object.prototype;
