import type { BindingIdentifier, ContainerModule, ServiceIdentifier } from 'inversify';
import type { MadeBinding } from './guarded-binding.js';

/** A binding that stands, and the module it came with. */
export interface StandingBinding extends MadeBinding {
  readonly service: ServiceIdentifier;
  readonly module: ContainerModule | undefined;
}

export type Identifier = BindingIdentifier | ServiceIdentifier;

interface Page {
  readonly standing: Map<number, StandingBinding>;
  readonly lent: Map<ServiceIdentifier, BindingIdentifier>;
}

/** What is bound in a bot's container, kept beside Inversify's own books: those can be read by a plugin alone. */
export class BindingBook {
  private page: Page = { standing: new Map(), lent: new Map() };
  private readonly snapshots: Page[] = [];
  private restored = 0;

  /** In the order in which they were made, by id. */
  get standing(): ReadonlyMap<number, StandingBinding> {
    return this.page.standing;
  }

  /** Services that were unbound here, with the bindings by which the host's are taken instead. */
  get lent(): Map<ServiceIdentifier, BindingIdentifier> {
    return this.page.lent;
  }

  /** Changes with every `restore`: bindings of before are not those of now. */
  get generation(): number {
    return this.restored;
  }

  services(): Set<ServiceIdentifier> {
    return new Set([...this.page.standing.values()].map(({ service }) => service));
  }

  add(binding: StandingBinding): void {
    this.page.standing.set(binding.id, binding);
  }

  find(identifier: Identifier): StandingBinding | undefined {
    return [...this.page.standing.values()].find((binding) => isMeant(binding, identifier));
  }

  /** Returns the services that nothing is left of. */
  remove(identifier: Identifier): ServiceIdentifier[] {
    return this.removeAll((binding) => isMeant(binding, identifier));
  }

  removeAll(isGone: (binding: StandingBinding) => boolean): ServiceIdentifier[] {
    const gone = [...this.page.standing.values()].filter(isGone);
    for (const { id } of gone) this.page.standing.delete(id);
    const left = this.services();
    return gone.map(({ service }) => service).filter((service) => !left.has(service));
  }

  snapshot(): void {
    this.snapshots.push({ standing: new Map(this.page.standing), lent: new Map(this.page.lent) });
  }

  restore(): void {
    this.page = this.snapshots.pop() ?? this.page;
    this.restored += 1;
  }
}

const isMeant = (binding: StandingBinding, identifier: Identifier): boolean =>
  typeof identifier === 'object' ? binding.id === identifier.id : binding.service === identifier;
